"""A studio that is served to the tests, a client that says exactly what it is told to, and a browser."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from tests.browsing import open_chromium

from striate.studio.application import Studio, make_studio
from striate.studio.assets import Asset, read_assets
from striate.studio.routes.catalogue import ROUTES
from striate.studio.routes.route import Route
from striate.studio.server import Server, open_socket
from striate.studio.session import Document, Session
from striate.studio.warming import Engine

OWN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Served:
    """A studio on a port; `lines` are what was logged."""

    studio: Studio
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.studio.session

    @property
    def link(self) -> str:
        """A link with a new token."""
        self.studio.keys.renew()
        return f"http://127.0.0.1:{self.port}/?{self.studio.keys.launch_query().decode()}"

    @property
    def cookie(self) -> str:
        return self.studio.keys.write_cookie().split(b";")[0].decode()

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask as the studio's own page would, with `headers` in place of its own; None leaves one out."""
        origin = {"Origin": f"http://127.0.0.1:{self.port}"} if method == "POST" else {}
        kind = {"Content-Type": "application/json"} if method == "POST" else {}
        own: dict[str, str | None] = {"Cookie": self.cookie, **OWN, **origin, **kind, **(headers or {}), **more}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name: value for name, value in own.items() if value is not None})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def send(self, text: bytes) -> bytes:
        """Send raw bytes and give what comes back until the studio closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(text)
            found = b""
            while part := line.recv(1 << 16):
                found += part
        return found


PATHS = [
    ("GET", "/"), ("GET", "/events"), ("GET", "/assets/main.js"), ("GET", "/view/HANDLE"),
    ("POST", "/api/about"), ("POST", "/api/forget"), ("POST", "/api/upload"),
]  # fmt: skip


def fill(served: Served, path: str) -> str:
    """A path with a handle that the studio gave out."""
    return path.replace("HANDLE", served.session.show(Document(b"<p>a report"))) if "HANDLE" in path else path


def ask(served: Served, method: str, path: str, **headers: Any) -> tuple[int, bytes]:
    kind = {"Content-Type": "application/octet-stream"} if path == "/api/upload" else {}
    body = b"{}" if method == "POST" else None
    status, _, content = served.ask(method, fill(served, path), body, {**kind, **headers})
    return status, content


@contextmanager
def serving(
    folder: Path, routes: Mapping[str, Route] = ROUTES, assets: Mapping[str, Asset] | None = None
) -> Iterator[Served]:
    """Serve a studio from a thread; its engine is ready and loads nothing."""
    opened = open_socket(None)
    port = int(opened.getsockname()[1])
    studio = make_studio(Session(folder, engine=Engine(lambda: None)), port, routes, assets)
    served, ready = Served(studio, port), Event()
    handler = logging.Handler()
    handler.emit = lambda record: served.lines.append(record.getMessage())  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("striate.studio", "uvicorn.error")]
    for log in loggers:
        log.addHandler(handler)
    server = Server(studio, ready.set)
    thread = Thread(target=lambda: asyncio.run(server.serve([opened])), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(20)
        studio.close()
        opened.close()
        for log in loggers:
            log.removeHandler(handler)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("photos")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    with serving(folder) as found:
        yield found


VIEW = b"""
export function mount(element, studio) {
  const line = document.createElement("p");
  line.textContent = "a view of " + import.meta.url.split("/").pop();
  element.append(line);
}
"""
VIEWS = ("editor.js", "cells.js", "training.js", "questions.js")


@pytest.fixture(scope="module")
def framed(folder: Path) -> Iterator[Served]:
    """A studio with four small views in place of its own."""
    own = {name: asset for name, asset in read_assets().items() if name not in VIEWS}
    views = {name: Asset(VIEW, "text/javascript; charset=utf-8") for name in VIEWS}
    with serving(folder, assets={**own, **views}) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium, or skip where it or playwright is missing."""
    with open_chromium() as chromium:
        yield chromium


@dataclass
class Seen:
    """A page in a browser, with what it said in the console and asked for."""

    page: Any
    said: list[str]
    asked: list[str]


Look = Callable[..., Seen]


def wait(page: Any, expression: str, seconds: float = 90) -> None:
    """Wait until an expression holds: playwright's own way evaluates text in the page, which the policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(30)


@pytest.fixture
def look(browser: Any) -> Iterator[Look]:
    """Open pages in contexts of their own: `look(served, **context)`."""
    contexts = []

    def open_page(served: Served, **options: Any) -> Seen:
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(90_000)  # the machine may be busy
        page, said, asked = context.new_page(), list[str](), list[str]()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        context.on("request", lambda request: asked.append(request.url))
        page.goto(served.link)
        wait(page, "document.getElementById('folder').textContent")
        return Seen(page, said, asked)

    yield open_page
    for context in contexts:
        context.close()
