from __future__ import annotations

import re
from threading import Event

from tests.studio.conftest import Served

from striate.studio.routes.about import tell_about
from striate.studio.routes.catalogue import ROUTES
from striate.studio.session import Session
from striate.studio.tickets import Ticket
from striate.studio.warming import Engine
from striate.version import __version__


def test_every_verb_has_a_plain_name_and_a_limit() -> None:
    for name, route in ROUTES.items():
        assert name == route.name
        assert re.fullmatch(r"[a-z_]+", name)
        assert 0 < route.most_bytes <= 8 << 20
    assert "upload" not in ROUTES


def test_about_has_the_engine_loaded_and_the_page_told(served: Served) -> None:
    go, told = Event(), Event()
    said: list[tuple[str, object]] = []

    def load() -> None:
        assert go.wait(10)

    def publish(kind: str, data: dict[str, object]) -> None:
        said.append((kind, data))
        told.set()

    session = Session(served.session.folder, engine=Engine(load), assets=("main.js",))
    session.stream.publish = publish  # type: ignore[method-assign]
    answer = tell_about(session, {}, Ticket())
    assert (answer["version"], answer["ready"], answer["assets"]) == (__version__, False, ["main.js"])
    assert answer["folder"] == session.folder.name
    go.set()
    assert told.wait(10)
    assert said == [("engine", {"ready": True, "problem": None})]
    assert tell_about(session, {}, Ticket())["ready"]
