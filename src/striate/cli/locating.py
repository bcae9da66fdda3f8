"""locate, printed for people or as JSON, and drawn."""

from __future__ import annotations

import json as json_format
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from striate.cli.progress import Display
from striate.cli.subjects import working

if TYPE_CHECKING:
    from striate.locate import Locations, Place

MOST_LINES = 40


@dataclass(frozen=True)
class Search:
    """What to look for, and how."""

    labels: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    scales: tuple[float, ...] = ()
    threshold: float | None = None
    dense: bool | None = None


def locate_in_picture(path: Path, image: Path, search: Search, plot: Path | None, *, json: bool) -> None:
    """Find where classes fire in a picture; print the places, and draw them if a file is named."""
    from striate import verbs

    if plot is not None:
        _check_plot(plot)
    with Display(sys.stderr) as display:
        found = verbs.locate(
            path,
            image,
            scales=search.scales or None,
            threshold=search.threshold,
            dense=search.dense,
            labels=search.labels or None,
            background=search.background,
            on_windows=display.show_score,
        )
    _print_json(found) if json else _print_places(found)
    if plot is not None:
        _draw(found, plot, json=json)


def _check_plot(plot: Path) -> None:
    from striate.report import find_place

    find_place(plot)


def _draw(found: Locations, plot: Path, *, json: bool) -> None:
    from striate.report import save_figure

    with working("drawing"):
        path = save_figure(found, plot)
    print(f"picture   {path}", file=sys.stderr if json else sys.stdout)


def _print_json(found: Locations) -> None:
    rows = [
        {
            "class": place.label,
            "probability": place.probability,
            "start": place.start,
            "extents": place.extents,
            "scale": place.scale,
        }
        for place in found.places
    ]
    about = {
        "image": found.name,
        "extents": found.values.shape[1:],
        "window": found.sweeps[0].window,
        "scales": [sweep.scale for sweep in found.sweeps],
        "exact": found.exact,
        "why": found.why,
    }
    print(json_format.dumps({**about, "places": rows}, indent=2))


def _print_places(found: Locations) -> None:
    counts = Counter(place.label for place in found.places)
    size, window = ("x".join(map(str, extents)) for extents in (found.values.shape[1:], found.sweeps[0].window))
    listed = ", ".join(f"{count} of {label}" for label, count in sorted(counts.items())) or "nothing found"
    print(f"{found.name} ({size}): {listed}")
    print(f"a window of {window} at scale {', '.join(f'{sweep.scale:.2g}' for sweep in found.sweeps)}")
    if not found.exact:
        print(f"not exact: {found.why}")
    if not found.places:
        return
    width = max(5, *(len(place.label) for place in found.places))
    print(f"\n{'class':<{width}}    sure     top    left  height   width")
    for place in found.places[:MOST_LINES]:
        print(_write_row(place, width))
    if len(found.places) > MOST_LINES:
        print(f"... and {len(found.places) - MOST_LINES} more: --json has all of them")


def _write_row(place: Place, width: int) -> str:
    top, left = (round(cell) for cell in place.start)
    height, wide = (round(side) for side in place.extents)
    sure = min(100 * place.probability, 99.9)  # never rounded up to certainty
    return f"{place.label:<{width}}  {sure:4.1f} %  {top:6}  {left:6}  {height:6}  {wide:6}"
