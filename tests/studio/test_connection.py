"""Requests that never come whole: a head that trickles, a body that never ends; and many connections at once."""

from __future__ import annotations

import re
import socket
import time

import pytest
from tests.studio.conftest import Served
from tests.studio.wrong import make_own

from striate.studio import connection, guard

HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def read_to_end(line: socket.socket) -> bytes:
    found = b""
    while part := line.recv(1 << 16):
        found += part
    return found


def read_answer(line: socket.socket) -> bytes:
    """One answer to its end, of a connection that stays open."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += line.recv(1 << 16)
    head, _, body = found.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    assert length is not None
    while len(body) < int(length[1]):
        body += line.recv(1 << 16)
    return head


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.4)
    return 0.4


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("begun", [b"", b"G", HEAD, HEAD + b"X: "])
def test_a_head_that_never_ends_is_cut_off(served: Served, begun: bytes) -> None:
    before = len(served.lines)
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        line.sendall(begun)
        assert read_to_end(line) == b""
    assert time.monotonic() - start < 10
    named = ["refused slow (408): a head of more than 0.4 seconds from 127.0.0.1"]
    assert served.lines[before:] == (named if begun else [])


def test_a_page_that_gives_up_in_the_middle_of_a_body_is_no_fault(served: Served) -> None:
    before = len(served.lines)
    whole = make_own(served, "/api/about", served.studio.app.doors["/api/about"]).write()
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        line.sendall(whole.replace(b"{}", b"{").replace(b"Content-Length: 2", b"Content-Length: 9"))
        time.sleep(0.2)
    for _ in range(20):
        assert served.ask("POST", "/api/about", b"{}")[0] == 200
    assert served.lines[before:] == []


def test_a_head_that_trickles_has_no_more_time(served: Served, impatient: float) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        start = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT012 - whichever letter comes too late
            for _ in range(200):
                line.sendall(b"G")
                time.sleep(impatient / 8)
        assert time.monotonic() - start < 10


@pytest.mark.usefixtures("impatient")
def test_a_second_head_has_no_more_time_than_the_first(served: Served) -> None:
    own = make_own(served, "/api/about", served.studio.app.doors["/api/about"]).but(connection=None).write()
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        line.sendall(own)
        assert read_answer(line).startswith(b"HTTP/1.1 200 ")
        line.sendall(own[:40])
        assert read_to_end(line) == b""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        line.sendall(own + own[:40])
        assert read_to_end(line).startswith(b"HTTP/1.1 200 ")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", ["/api/about", "/api/upload", "/api/sketch"])
@pytest.mark.parametrize("coding", ["stated", "chunked"])
def test_a_body_that_never_ends_is_given_up(served: Served, path: str, coding: str) -> None:
    own = make_own(served, path, served.studio.app.doors[path])
    raw = own.but(content_length="1000")
    if coding == "chunked":
        raw = own.but(content_length=None, transfer_encoding=coding)
    head = raw.write().removesuffix(own.body)
    before = len(served.lines)
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        line.sendall(head + (b"{" if coding == "stated" else b"1\r\n{\r\n"))
        assert re.match(rb"HTTP/1\.1 408 ", read_to_end(line))
    (said,) = served.lines[before:]
    assert said.startswith(f"refused slow (408): POST {path} from 127.0.0.1")


def test_a_request_that_is_answered_slowly_is_not_cut_off(served: Served, impatient: float) -> None:
    own = make_own(served, "/events", served.studio.app.doors["/events"]).write()
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        line.sendall(own)
        time.sleep(3 * impatient)
        served.session.stream.publish("step", {"n": 1})
        found = b""
        while b'"n": 1' not in found:
            found += line.recv(1 << 16)


def test_many_who_wait_do_not_keep_the_page_out(served: Served, impatient: float) -> None:
    """More connections than are answered at once: those that say nothing are closed, and the page comes in."""
    lines = [socket.create_connection(("127.0.0.1", served.port), timeout=20) for _ in range(300)]
    try:
        end = time.monotonic() + 20
        while served.ask("POST", "/api/about", b"{}")[0] != 200:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert read_to_end(lines[0]) == b""
    finally:
        for line in lines:
            line.close()
