"""A studio of its own and a browser that looks at it, for the studio's benchmarks."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
READY = "document.getElementById('status').textContent === 'Ready.'"


@contextmanager
def running() -> Iterator[tuple[str, float]]:
    """A studio on an empty folder: its link, and the seconds until that was printed."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        command = [sys.executable, "-m", "striate", "studio", folder, "--no-browser"]
        studio = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert studio.stdout is not None
        link = studio.stdout.readline().strip()
        try:
            yield link, time.perf_counter() - start
        finally:
            studio.send_signal(signal.SIGINT)
            studio.wait()


@contextmanager
def browsing() -> Iterator[Any]:
    """A Chromium without a window, as Playwright drives it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def wait_for(page: Any, expression: str, *, every: float = 0.005, seconds: float = 30) -> Any:
    """What an expression gives once it gives something; to ask takes a while itself, of the page too."""
    end = time.monotonic() + seconds
    while not (found := page.evaluate(expression)):
        if time.monotonic() > end:
            raise TimeoutError(expression)
        page.wait_for_timeout(1000 * every)
    return found
