"""Debian's Chromium, for tests of pages, and what axe-core finds in one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@contextmanager
def open_chromium(*arguments: str) -> Iterator[Any]:
    """A Chromium of one's own; the test is skipped where it or playwright is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, *arguments])
        yield chromium
        chromium.close()


def find_faults(page: Any) -> list[str]:
    """What axe-core finds on a page, minor matters aside: three places each."""
    package = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
    page.evaluate(Path(package.__file__).with_name("axe.min.js").read_text("utf-8") + "; 0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"]
    return [
        f"{each['impact']} {each['id']}: {node['html'][:160]} {(node['failureSummary'] or '')[:300]}"
        for each in found["violations"]
        for node in each["nodes"][:3]
        if each["impact"] != "minor"
    ]
