"""Verbs over HTTP: JSON in and out, mistakes of the user's and faults of ours, and requests that nobody waits for."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from tests.studio.conftest import OWN, Served, serving

from striate.errors import InputError, NotationError
from striate.studio import answering
from striate.studio.routes.route import Route
from striate.studio.session import Session
from striate.studio.tickets import Superseded, Ticket

Body = dict[str, Any]
GOING, STOPPED = Event(), Event()


def echo(session: Session, body: Body, ticket: Ticket) -> Body:
    return {"got": body}


def mistake(session: Session, body: Body, ticket: Ticket) -> Body:
    if body.get("place"):
        raise NotationError("found `covn`, needed a word", line=2, column=7, shown="relu, covn3")
    raise InputError("--lr is 0, needed more")


def fault(session: Session, body: Body, ticket: Ticket) -> Body:
    return {"value": 1 / body["zero"]}


def slow(session: Session, body: Body, ticket: Ticket) -> Body:
    if not body.get("wait"):
        return {"last": True}
    GOING.set()
    end = time.monotonic() + 20
    try:
        while time.monotonic() < end:
            ticket.check()
            time.sleep(0.01)
    except Superseded:
        STOPPED.set()
        raise
    return {"last": False}


ROUTES = (
    Route("echo", echo, most_bytes=100),
    Route("mistake", mistake),
    Route("fault", fault, lane="heavy"),
    Route("slow", slow, superseding=True, lane="heavy"),
)


@pytest.fixture(scope="module")
def verbs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("x"), {route.name: route for route in ROUTES}) as found:
        yield found


@pytest.fixture(autouse=True)
def _fresh() -> None:
    GOING.clear()
    STOPPED.clear()


def ask(verbs: Served, verb: str, body: object, **headers: str) -> tuple[int, Any]:
    status, found, content = verbs.ask("POST", f"/api/{verb}", json.dumps(body).encode(), headers)
    assert found["content-type"] == "application/json"
    assert found["cache-control"] == "no-store"
    return status, json.loads(content)


def test_a_body_goes_there_and_an_answer_comes_back(verbs: Served) -> None:
    assert ask(verbs, "echo", {"a": [1, "ü"]}) == (200, {"got": {"a": [1, "ü"]}})


def test_a_mistake_of_the_users_is_one_line(verbs: Served) -> None:
    assert ask(verbs, "mistake", {}) == (400, {"error": "--lr is 0, needed more"})
    status, answer = ask(verbs, "mistake", {"place": True})
    assert (status, answer) == (400, {"error": "found `covn`, needed a word", "line": 2, "column": 7})
    assert ask(verbs, "echo", [1])[0] == 400


def test_a_fault_of_ours_says_nothing_of_itself_but_in_the_log(verbs: Served, caplog: pytest.LogCaptureFixture) -> None:
    status, answer = ask(verbs, "fault", {"zero": 0})
    assert (status, list(answer)) == (500, ["error"])
    assert "division" not in answer["error"]
    assert "ZeroDivisionError" in caplog.text
    assert ask(verbs, "fault", {"zero": 2}) == (200, {"value": 0.5})


def test_a_verbs_own_limit_holds(verbs: Served) -> None:
    assert ask(verbs, "echo", {"a": "x" * 200})[0] == 413
    assert "refused body (413): POST /api/echo" in verbs.lines[-1]


def test_a_later_request_ends_an_earlier_one(verbs: Served) -> None:
    found: list[tuple[int, Any]] = []
    first = Thread(target=lambda: found.append(ask(verbs, "slow", {"wait": 1}, **{"Studio-Page": "a-1"})))
    first.start()
    assert GOING.wait(10)
    assert ask(verbs, "slow", {}, **{"Studio-Page": "another"}) == (200, {"last": True})
    assert not STOPPED.is_set()
    assert ask(verbs, "slow", {}, **{"Studio-Page": "a-1"}) == (200, {"last": True})
    first.join(10)
    assert found == [(200, {"superseded": True})]
    assert STOPPED.is_set()


def test_garbage_is_looked_for_once_nobody_asks(verbs: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[float] = []
    monkeypatch.setattr(gc, "collect", lambda: swept.append(time.monotonic()))
    monkeypatch.setattr(answering, "CALM", 0.3)
    for _ in range(6):
        ask(verbs, "echo", {})
        time.sleep(0.05)
    last = time.monotonic()
    while not swept and time.monotonic() < last + 10:
        time.sleep(0.01)
    time.sleep(0.4)
    assert len(swept) == 1
    assert swept[0] > last + 0.2


def test_no_garbage_is_looked_for_while_a_verb_is_answered(verbs: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[float] = []
    monkeypatch.setattr(gc, "collect", lambda: swept.append(time.monotonic()))
    monkeypatch.setattr(answering, "CALM", 0.1)
    working = Thread(target=lambda: ask(verbs, "slow", {"wait": 1}, **{"Studio-Page": "a-2"}))
    working.start()
    assert GOING.wait(10)
    ask(verbs, "echo", {})
    time.sleep(0.4)
    assert not swept
    ask(verbs, "slow", {}, **{"Studio-Page": "a-2"})
    working.join(10)
    end = time.monotonic() + 10
    while not swept and time.monotonic() < end:
        time.sleep(0.01)
    assert swept


def test_a_closed_studio_answers_nobody_and_finds_no_fault(
    verbs: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path, {route.name: route for route in ROUTES}) as served:
        served.studio.close()
        status, _, content = served.ask("POST", "/api/echo", b"{}")
        assert (status, json.loads(content)) == (200, {"superseded": True})
    assert "fault" not in caplog.text


def test_work_ends_when_its_page_leaves(verbs: Served) -> None:
    connection = HTTPConnection("127.0.0.1", verbs.port, timeout=20)
    headers = {"Cookie": verbs.cookie, "Content-Type": "application/json", **OWN}
    connection.request("POST", "/api/slow", b'{"wait": 1}', headers)
    assert GOING.wait(10)
    connection.close()
    assert STOPPED.wait(10)


def test_work_ends_when_the_studio_does(tmp_path: Path) -> None:
    with serving(tmp_path, {route.name: route for route in ROUTES}) as served:
        asked = Thread(target=lambda: served.ask("POST", "/api/slow", b'{"wait": 1}'))
        asked.start()
        assert GOING.wait(10)
    assert STOPPED.wait(10)
    asked.join(10)
