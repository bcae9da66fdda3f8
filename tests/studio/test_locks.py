"""Every door of the studio against every wrong way to knock, over real sockets. The doors are the guard's own list: one
that is added is knocked at by itself.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from contextlib import suppress
from typing import Any, get_args

import pytest
from tests.studio.conftest import Served
from tests.studio.wrong import Spoilt, make_own, spoil

from striate.studio import connection
from striate.studio.doors import Door, Kind, find_door
from striate.studio.routes.catalogue import ROUTES

GONE = (ConnectionError, TimeoutError)
PATIENCE_SECONDS = 4.0
HANDLE = "a" * 22


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 1.0)


def list_patterns(served: Served) -> set[str]:
    """What the application behind the guard could answer."""
    application: Any = served.studio.app.app
    return {route.path for route in application.routes}


@pytest.fixture(scope="module")
def doors(served: Served) -> dict[str, Door]:
    """Every path that is answered, of the files two: they share one door."""
    listed = served.studio.app.doors
    files = [path for path, door in listed.items() if door.kind == "asset"]
    handled = [path.replace("{handle}", HANDLE) for path in list_patterns(served) if "{handle}" in path]
    doors = {path: find_door(listed, path) for path in (*listed, *sorted(handled)) if path not in files[2:]}
    return {path: door for path, door in doors.items() if door is not None}


def test_every_door_is_known(served: Served, doors: dict[str, Door]) -> None:
    """A path that is put together in another way belongs into `doors` above."""
    parts = {part for path in list_patterns(served) for part in re.findall(r"{.*?}", path)}
    assert parts == {"{name}", "{verb}", "{handle}"}
    plain = {path.replace("{handle}", HANDLE) for path in list_patterns(served)} - {"/assets/{name}", "/api/{verb}"}
    assert plain | {f"/api/{name}" for name in ROUTES} <= doors.keys()


def knock(served: Served, content: bytes) -> bytes:
    """Send bytes and give what comes back; nothing, where the connection is cut."""
    found, end = b"", time.monotonic() + PATIENCE_SECONDS
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE_SECONDS) as line, suppress(*GONE):
        line.sendall(content)
        while (part := line.recv(1 << 16)) and time.monotonic() < end:
            found += part
    return found


def check(served: Served, spoilt: Spoilt) -> str | None:
    """What is wrong with how a wrong request was answered, if anything is."""
    before = len(served.lines)
    answer = knock(served, spoilt.raw.write())
    lines = served.lines[before:]
    if answer and not re.match(rb"HTTP/1\.1 4\d\d ", answer):
        return f"answered {answer[:60]!r}"
    if not lines or not any(named(line) in spoilt.names for line in lines):
        return f"logged {lines}"
    if not all(line.isascii() and line.isprintable() and len(line) < 500 for line in lines):
        return f"logged {lines}"
    if b"Traceback" in answer or b"set-cookie" in answer.lower():
        return f"told {answer!r}"
    return None


def named(line: str) -> str:
    """What a line of the log calls a refusal."""
    words = line.split()
    return words[1] if words[0] == "refused" else words[0]


@pytest.mark.parametrize("kind", get_args(Kind))
def test_no_wrong_request_comes_in(served: Served, doors: dict[str, Door], kind: str) -> None:
    found, count = [], 0
    for path, door in doors.items():
        for spoilt in spoil(served, path, door) if door.kind == kind else ():
            count += 1
            problem = check(served, spoilt)
            found += [f"{path}, {spoilt.about}: {problem}"] if problem else []
    assert count > 90
    assert found == []
    assert served.ask("POST", "/api/about", b"{}")[0] == 200


def test_the_right_request_comes_in(served: Served, doors: dict[str, Door]) -> None:
    """Else every door could simply be shut: the verbs may find the empty body wrong, but they were asked."""
    for path, door in doors.items():
        if door.kind == "stream":
            continue
        before = len(served.lines)
        answer = knock(served, make_own(served, path, door).write())
        assert re.match(rb"HTTP/1\.1 (200|400|404|415) ", answer), (path, answer)
        names = {named(line) for line in served.lines[before:]}
        assert names <= {"upload", "view", "download"}, path  # found wrong behind the guard


def test_every_file_needs_the_cookie(served: Served) -> None:
    for path, door in served.studio.app.doors.items():
        if door.kind == "asset":
            assert served.ask("GET", path)[0] == 200
            assert served.ask("GET", path, headers={"Cookie": ""})[0] == 403


@pytest.mark.parametrize(
    "content",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(400),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\r\n" * 50,
        b"\0" * 5000,
        b"A" * 100_000,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000,
        b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
        "GET /ä HTTP/1.1\r\n\r\n".encode(),
    ],
    ids=["tls", "http2", "http0.9", "lines", "zeros", "a long word", "endless headers", "bare line feeds", "letters"],
)
def test_what_is_no_request_is_cut_off(served: Served, content: bytes) -> None:
    answer = knock(served, content)
    assert answer == b"" or re.match(rb"HTTP/1\.1 4\d\d ", answer)
    assert served.ask("POST", "/api/about", b"{}")[0] == 200


def test_who_breaks_off_leaves_nothing(served: Served) -> None:
    before = len(served.lines)
    reset = struct.pack("ii", 1, 0)
    for path in ("/", "/api/about", "/events"):
        for cut in (1, 30, 9999):
            line = socket.create_connection(("127.0.0.1", served.port), timeout=20)
            line.sendall(make_own(served, path, served.studio.app.doors[path]).write()[:cut])
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            line.close()
    assert served.ask("POST", "/api/about", b"{}")[0] == 200
    assert not [line for line in served.lines[before:] if "Traceback" in line or "fault" in line]


def test_the_token_is_nowhere_but_in_the_link(served: Served) -> None:
    """Not in an answer, a header, or another address; and the page that it leads to names no referrer."""
    token = served.link.partition("token=")[2]
    first = served.ask("GET", f"/?token={token}", headers={"Cookie": "", "Sec-Fetch-Site": "none"})
    second = served.ask("GET", f"/?token={token}", headers={"Cookie": "", "Sec-Fetch-Site": "none"})
    page, about = served.ask("GET", "/"), served.ask("POST", "/api/about", b"{}")
    assert [answer[0] for answer in (first, second, page, about)] == [303, 403, 200, 200]
    assert token not in "".join(f"{answer[1]} {answer[2]!r}" for answer in (first, second, page, about))
    assert not any(token in line for line in served.lines)
    assert first[1]["referrer-policy"] == "no-referrer"
    assert first[1]["cache-control"] == "no-store"
    assert first[1]["location"] == "/"
