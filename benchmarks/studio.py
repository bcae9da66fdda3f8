"""How soon the studio is there, and how soon its Write view follows a keystroke.

Claim: on two cores the link within 1.5 s and the page within 3 s of the command (torch loads after the page is there);
from a keystroke to the drawing and the counts, p95, less than 100 ms for resnet50 and 300 ms for a text of 1,000
layers; from a keystroke to resnet50's traced table less than 500 ms; at most 10 ms of script in any frame while the
drawing is moved, zoomed and hovered over and the table scrolled, of 18,000 layers too. Each start is of a process of
its own, with a browser that is running already.

    python benchmarks/studio.py --rounds 5 --keys 60
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.browser import READY, browsing, running, wait_for
from benchmarks.write_view import time_view

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
CLAIMS: dict[str, tuple[str, float]] = {
    "command to link": ("median", 1500),
    "command to first paint": ("median", 3000),
    "resnet50: keystroke to drawing and counts": ("p95", 100),
    "1,000 layers: keystroke to drawing and counts": ("p95", 300),
    "resnet50: keystroke to traced table": ("p95", 500),
    "resnet50: script of a frame": ("most", 10),
    "1,000 layers: script of a frame": ("most", 10),
    "18,000 layers: script of a frame": ("most", 10),
}
"""What is claimed, in milliseconds."""


def time_starts(browser: Any, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every step of so many starts."""
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, seconds in time_start(browser).items():
            found[name].append(1000 * seconds)
    return found


def time_start(browser: Any) -> dict[str, float]:
    """Seconds of one start."""
    figures: dict[str, float] = {}
    with running() as (link, seconds):
        figures["command to link"] = seconds
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(link)
        figures["link to first paint"] = wait_for(page, PAINT) / 1000
        wait_for(page, "document.getElementById('folder').textContent")
        figures["link to the page in use"] = time.perf_counter() - start
        wait_for(page, READY)
        figures["link to torch loaded"] = time.perf_counter() - start
        page.close()
    figures["command to first paint"] = figures["command to link"] + figures["link to first paint"]
    return figures


def write_table(rows: dict[str, list[float]]) -> str:
    """A row a figure, with whether it holds what is claimed."""
    lines = ["| what, ms | median | p95 | most | of | claim | |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for name, figures in rows.items():
        ranked = sorted(figures)
        found = {"median": ranked[len(ranked) // 2], "p95": ranked[-(-len(ranked) * 95 // 100) - 1], "most": ranked[-1]}
        which, limit = CLAIMS.get(name, ("", 0))
        said = f"{which} < {limit:g} | {'holds' if found[which] < limit else 'does not hold'}" if which else " | "
        shown = " | ".join(f"{found[key]:.{0 if found[key] >= 100 else 1}f}" for key in ("median", "p95", "most"))
        lines.append(f"| {name} | {shown} | {len(ranked)} | {said} |")
    return "\n".join(lines)


def main() -> None:
    """Print one table of all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="starts; 0 leaves them out")
    parser.add_argument("--keys", type=int, default=60, help="keystrokes of each text; 0 leaves them out")
    given = parser.parse_args()
    with browsing() as browser:
        rows = time_starts(browser, given.rounds)
        if given.keys:
            rows = {**rows, **time_view(browser, given.keys)}
    print(write_table(rows))


if __name__ == "__main__":
    main()
