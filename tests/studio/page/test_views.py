"""Every view of the studio's own list, and every section of each: nothing is asked of anyone else, the console stays
empty, axe-core finds nothing, nothing sticks out of a phone, the keyboard reaches what can be used and is seen there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.browsing import find_faults
from tests.studio.conftest import Served, serving, wait

import striate
from striate.studio.assets import NAMES, read_asset

pytestmark = pytest.mark.browser
LISTED = re.findall(r'{ id: "(\w+)", name: "(\w+)", module: "([\w.]+)" }', read_asset("main.js").content.decode())
VIEWS = [(view, name) for view, name, module in LISTED if module in NAMES]
MOST_STOPS = 400
BUSY = "[...document.querySelectorAll('[aria-busy=true]')].some((e) => e.offsetParent)"
LABEL = """((e) =>
  (e.getAttribute('aria-label') || e.textContent || e.name || e.id).trim().slice(0, 40) + ' <' + e.tagName + '>')"""
USABLE = f"""(panel) => [...panel.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((e) => !e.disabled && e.checkVisibility({{visibilityProperty: true}}) && e.getClientRects().length
    && e.tabIndex >= 0 && !(e.type === 'radio' && !e.checked && panel.querySelector(`[name="${{e.name}}"]:checked`)))
  .map((e) => {{ e.dataset.stop ??= String(Math.random()); return [e.dataset.stop, {LABEL}(e)]; }})"""
FOCUSED = f"""() => {{
  const e = document.activeElement, around = e.closest('.textbox, .box');
  const outlined = (s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
  const marked = (s) => outlined(s) || s.boxShadow !== 'none' || e.tagName === 'IFRAME';  // within it, its own
  const seen = marked(getComputedStyle(e)) || Boolean(around) && marked(getComputedStyle(around));
  return [e.dataset.stop ?? '', e === document.body ? '' : {LABEL}(e), seen];
}}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a run of the digits, so that every view has something to show."""
    path = tmp_path_factory.mktemp("photos")
    text = "input 1x8x8\nconv3-8, relu, maxpool2, conv3-8, relu, gap, flatten, fc-classes"
    striate.train(text, "digits", out=path / "runs" / "digits", epochs=1)
    return path


@pytest.fixture(scope="module")
def studio(folder: Path) -> Iterator[Served]:
    with serving(folder) as found:
        yield found


class Visit:
    """A page whose every request elsewhere is noted and cut off."""

    def __init__(self, served: Served, browser: Any, **options: Any) -> None:
        self.own = f"127.0.0.1:{served.port}"
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(90_000)
        self.said, self.elsewhere = list[str](), list[str]()
        self.context.route(lambda url: self.own not in url.split("/")[2:3], self._cut_off)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("websocket", lambda socket: self.elsewhere.append(socket.url))
        self.page.goto(served.link)
        wait(self.page, "document.getElementById('folder').textContent")

    def _cut_off(self, route: Any) -> None:
        if not route.request.url.startswith(("data:", "blob:")):
            self.elsewhere.append(route.request.url)
        route.abort()

    def show(self, view: str) -> Iterator[str]:
        """Show a view, and one after the other its sections: those that have tabs of their own."""
        self.page.evaluate(f"location.hash = '{view}'")
        panel = f"#panel-{view}"
        self.page.wait_for_selector(f"{panel} > *")
        self.settle()
        yield view
        tabs = self.page.locator(f"{panel} [role=tab]")
        for at in range(tabs.count()):
            if tabs.nth(at).is_visible():
                name = tabs.nth(at).inner_text()
                tabs.nth(at).click()
                self.settle()
                yield f"{view}, {name}"

    def settle(self) -> None:
        """Wait until nothing is asked any more and nothing says that it is busy."""
        for _ in range(2):
            self.page.wait_for_timeout(400)
            wait(self.page, f"!({BUSY})")


def walk_by_tab(page: Any, view: str) -> list[str]:
    """What of a view Tab doesn't reach, or where one doesn't see it."""
    wanted = dict(page.locator(f"#panel-{view}").evaluate(USABLE))
    page.locator("#tabs [role=tab][aria-selected=true]").focus()
    met, unseen = set[str](), list[str]()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop, label, seen = page.evaluate(FOCUSED)
        if not label or stop in met:
            break
        met |= {stop} if stop else set()
        unseen += [] if seen else [f"no outline: {label}"]
    return unseen + [f"not reached: {label}" for stop, label in wanted.items() if stop not in met]


def test_the_list_is_read() -> None:
    assert [name for _, name in VIEWS][:3] == ["Write", "Understand", "Train"]
    assert len(LISTED) == read_asset("main.js").content.count(b"module: ")


def test_every_view(studio: Served, browser: Any) -> None:
    """Wide and light, then dark and as wide as a phone: each view in turn, on one page."""
    visit = Visit(studio, browser, color_scheme="light")
    page, found, count = visit.page, list[str](), 0
    for view, _ in VIEWS:
        for part in visit.show(view):
            count += 1
            for width, scheme in ((1280, "light"), (390, "dark")):
                page.set_viewport_size({"width": width, "height": 844})
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(100)
                found += [f"{part}, {width} {scheme}: {fault}" for fault in find_faults(page)]
                wide = page.evaluate("document.documentElement.scrollWidth")
                found += [f"{part}: {wide} pixels wide"] if wide > width else []
            found += [f"{part}: {fault}" for fault in walk_by_tab(page, view)]
    visit.context.close()
    assert count >= len(VIEWS)
    assert (visit.said, visit.elsewhere) == ([], [])
    assert not found, "\n".join(found)
