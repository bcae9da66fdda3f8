"""One Chromium for the tests of a file, each with a page of its own that can reach no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.browsing import open_chromium
from tests.nets.export.page.pages import Opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Start Chromium, or skip where it or playwright is missing."""
    with open_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")  # a context of its own would cost each test more than the test
def opened(chromium: Any) -> Iterator[Opened]:
    """A page that is offline."""
    context = chromium.new_context(offline=True, viewport={"width": 1100, "height": 900})
    yield Opened(context.new_page())
    context.close()
