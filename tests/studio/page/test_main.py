"""The frame in a real browser: it asks for nothing elsewhere, the console stays empty, and it obeys the keyboard."""

from __future__ import annotations

import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.browsing import find_faults
from tests.studio.conftest import VIEWS, Look, Served, serving, wait

from striate.studio.session import Document

pytestmark = pytest.mark.browser
NAMES = ["Write", "Understand", "Train", "Question"]
CHOSEN = "document.querySelector('[role=tab][aria-selected=true]').textContent"


def test_the_link_opens_the_page_and_nothing_else_is_asked(framed: Served, look: Look) -> None:
    seen = look(framed)
    seen.page.wait_for_selector("text=a view of editor.js")
    wait(seen.page, "document.getElementById('status').textContent === 'Ready.'")
    assert seen.said == []
    assert {url.split("/")[2] for url in seen.asked} == {f"127.0.0.1:{framed.port}"}
    assert seen.page.url == f"http://127.0.0.1:{framed.port}/#write"
    (cookie,) = seen.page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (f"striate-{framed.port}", True, "Strict")
    assert seen.page.evaluate("document.cookie") == ""
    assert seen.page.title() == f"Write · {framed.session.folder.name} · Striate"


def test_a_page_that_is_loaded_again_is_the_same(framed: Served, look: Look) -> None:
    seen = look(framed)
    seen.page.goto(f"http://127.0.0.1:{framed.port}/#train")
    seen.page.reload()
    seen.page.wait_for_selector("text=a view of training.js")
    assert seen.page.evaluate(CHOSEN) == "Train"
    assert seen.said == []


def test_a_used_link_opens_nothing(framed: Served, browser: Any) -> None:
    link, first, second = framed.link, browser.new_context(), browser.new_context()
    assert first.new_page().goto(link).status == 200
    page = second.new_page()
    assert page.goto(link).status == 403
    assert "Press Enter there for a new one" in page.content()
    assert second.cookies() == []
    first.close()
    second.close()


def test_the_tabs_obey_the_keyboard(framed: Served, look: Look) -> None:
    page = look(framed).page
    page.wait_for_selector("[role=tab]")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Tab")
    found = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        chosen = page.evaluate(CHOSEN)
        assert page.evaluate("document.activeElement.textContent") == chosen
        assert page.evaluate("[...document.querySelectorAll('[role=tab]')].filter(t => t.tabIndex === 0).length") == 1
        assert page.evaluate("[...document.querySelectorAll('[role=tabpanel]')].filter(p => !p.hidden).length") == 1
        found.append(chosen)
    assert found == ["Understand", "Train", "Question", "Write", "Question", "Write", "Question"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "panel-question"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert [page.evaluate(f"document.querySelectorAll('[role=tab]')[{i}].textContent") for i in range(4)] == NAMES


def test_the_skip_link_leads_past_the_tabs(framed: Served, look: Look) -> None:
    page = look(framed).page
    page.wait_for_selector("[role=tab]")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    assert page.evaluate(CHOSEN) == "Write"


def test_a_module_is_loaded_when_its_view_is_first_shown(framed: Served, look: Look) -> None:
    seen = look(framed)
    seen.page.wait_for_selector("text=a view of editor.js")

    def loaded() -> set[str]:
        return {url.rsplit("/", 1)[-1] for url in seen.asked} & set(VIEWS)

    assert loaded() == {"editor.js"}
    seen.page.click("text=Train")
    seen.page.wait_for_selector("text=a view of training.js")
    assert loaded() == {"editor.js", "training.js"}
    seen.page.go_back()


def test_a_view_that_is_not_there_is_not_listed(served: Served, look: Look) -> None:
    seen = look(served)
    wait(seen.page, "document.getElementById('status').textContent === 'Ready.'")
    listed = seen.page.evaluate("[...document.querySelectorAll('[role=tab]')].map(tab => tab.textContent)")
    there = [name for name, module in zip(NAMES, VIEWS, strict=True) if module in served.session.assets]
    assert listed == there
    assert seen.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_accessible_and_fits(framed: Served, look: Look, scheme: str, width: int) -> None:
    page = look(framed, color_scheme=scheme, viewport={"width": width, "height": 780}).page
    page.wait_for_selector("text=a view of editor.js")
    page.evaluate("setTimeout(() => { throw new Error('a fault') }, 0)")
    page.wait_for_selector("#failure p")
    assert find_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"
    assert dark == (scheme == "dark")


def test_a_failure_is_read_out_and_can_be_closed(framed: Served, look: Look) -> None:
    page = look(framed).page
    page.wait_for_selector("[role=tab]")
    page.evaluate("() => { setTimeout(() => import('/assets/call.js').then(m => m.call('nosuch')), 0) }")
    page.wait_for_selector("[role=alert] >> text=there is nothing here")
    page.click("text=Close")
    assert page.evaluate("document.getElementById('failure').children.length") == 0


def test_the_page_says_that_the_studio_is_gone(tmp_path: Path, look: Look) -> None:
    with serving(tmp_path) as served:
        seen = look(served)
        wait(seen.page, "document.getElementById('status').textContent === 'Ready.'")
    wait(seen.page, "document.getElementById('status').textContent.startsWith(\"The studio doesn't answer\")")


def test_news_reach_the_page_also_after_it_was_hidden(framed: Served, look: Look) -> None:
    page = look(framed).page
    wait(page, "document.getElementById('status').textContent === 'Ready.'")
    page.evaluate(
        """() => import('/assets/stream.js').then(({follow}) => {
            window.heard = [];
            follow((kind, data) => window.heard.push([kind, data.n ?? null]), () => {});
        })"""
    )
    wait(page, "window.heard.length === 1")
    framed.session.stream.publish("step", {"n": 1})
    wait(page, "window.heard.length === 2")

    def look_away(hidden: str) -> None:
        page.evaluate(
            f"Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )

    look_away("true")
    page.wait_for_timeout(200)
    framed.session.stream.publish("step", {"n": 2})
    look_away("false")
    wait(page, "window.heard.length === 4")
    assert page.evaluate("window.heard") == [["hello", None], ["step", 1], ["hello", None], ["step", 2]]


REPORT = b"""<!doctype html><title>A run</title><h1>A run</h1><script>
document.title = "ran";
let found = "no cookie";
try { found = document.cookie } catch {}
document.querySelector("h1").textContent = origin + " " + found;
fetch("/api/about", {method: "POST"}).catch(() => document.body.append("no request"));
</script>"""


def test_a_report_runs_without_the_studios_origin(framed: Served, look: Look) -> None:
    seen = look(framed)
    seen.page.wait_for_selector("[role=tab]")
    path = f"/view/{framed.session.show(Document(REPORT))}"
    with seen.page.context.expect_page() as opened:
        link = f"Object.assign(document.createElement('a'), {{href: '{path}', target: '_blank', rel: 'noopener'}})"
        seen.page.evaluate(f"() => {{ const a = {link}; document.body.append(a); a.click(); }}")
    report = opened.value
    report.wait_for_selector("text=no request")
    assert report.title() == "ran"
    assert report.inner_text("h1") == "null no cookie"
    report.reload()
    report.wait_for_selector("text=no request")
    seen.page.evaluate(
        f"() => document.body.append(Object.assign(document.createElement('iframe'), {{src: '{path}'}}))"
    )
    frame = seen.page.frame_locator("iframe")
    frame.locator("text=no request").wait_for()
    assert re.match("null no cookie", frame.locator("h1").inner_text())


class Elsewhere(BaseHTTPRequestHandler):
    """Another local server's page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>elsewhere")

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def test_another_sites_page_gets_nothing(framed: Served, look: Look) -> None:
    """Not even one of this machine, to which the browser would send SameSite cookies: ports are no sites."""
    seen = look(framed)
    own = f"http://127.0.0.1:{framed.port}"
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        thread = Thread(target=other.serve_forever)
        thread.start()
        page = seen.page.context.new_page()
        page.goto(f"http://127.0.0.1:{other.server_port}/")
        before = len(framed.lines)
        for path, method in (("/api/about", "POST"), ("/events", "GET"), ("/", "GET"), ("/assets/main.js", "GET")):
            request = f"fetch('{own}{path}', {{method: '{method}', mode: 'no-cors', credentials: 'include'}})"
            page.evaluate(f"{request}.then(() => 1, () => 0)")
        page.evaluate(f"document.body.append(Object.assign(document.createElement('iframe'), {{src: '{own}/'}}))")
        wait(page, "frames.length === 1")
        other.shutdown()
        thread.join()
    end = time.monotonic() + 10
    while len(framed.lines) < before + 5 and time.monotonic() < end:
        time.sleep(0.05)
    lines = framed.lines[before:]
    assert [line.split()[1] for line in lines] == ["origin", "site", "site", "site", "site"], lines
