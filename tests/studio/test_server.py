"""The whole server over real sockets: every route against every wrong request, and what the lock says in its log."""

from __future__ import annotations

import re
import socket
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from tests.studio.conftest import OWN, PATHS, Served, ask, fill, serving

from striate.errors import InputError
from striate.studio.server import open_socket
from striate.studio.uploads import MOST_BYTES

EACH = pytest.mark.parametrize(("method", "path"), PATHS)


def count(served: Served, name: str) -> int:
    return sum(f"refused {name} (" in line for line in served.lines)


@EACH
@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("cookie", {"Cookie": None}),
        ("cookie", {"Cookie": "striate-1=x"}),
        ("host", {"Host": "evil.example"}),
        ("host", {"Host": "127.0.0.1:1"}),
        ("host", {"Host": "[::1]"}),
        ("host", {"Host": "a b"}),
        ("origin", {"Origin": "http://evil.example"}),
        ("origin", {"Origin": "null"}),
        ("site", {"Sec-Fetch-Site": "cross-site"}),
        ("site", {"Sec-Fetch-Site": "same-site"}),
        ("upgrade", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x"}),
        ("headers", {f"X-{n}": "y" for n in range(70)}),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_and_named(
    served: Served, method: str, path: str, name: str, headers: dict[str, Any]
) -> None:
    before = count(served, name)
    status, content = ask(served, method, path, **headers)
    assert 400 <= status < 500
    assert count(served, name) == before + 1
    assert b"Traceback" not in content


@EACH
@pytest.mark.parametrize("other", ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(served: Served, method: str, path: str, other: str) -> None:
    if other == method:
        return
    status, _ = ask(served, other, path)
    assert status == 405
    assert "refused method (405)" in served.lines[-1]


@EACH
def test_every_route_refuses_a_token_but_the_page(served: Served, method: str, path: str) -> None:
    for query in ("token=wrong", served.link.partition("?")[2]):
        status, _ = ask(served, method, f"{fill(served, path)}?{query}", Cookie=None)
        good = path == "/" and query != "token=wrong"
        assert status == (303 if good else 403 if path == "/" else 400)
        if good:
            assert ask(served, method, f"/?{query}", Cookie=None)[0] == 403


@EACH
@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"Host: 127.0.0.1:PORT\r\nHost: evil.example\r\n", b"Host:\r\n", b"Host: 127.0.0.1:PORT\r\n folded\r\n",
        b"Host: 127.0.0.1:PORT@evil\r\n", b"Host: \xff\r\n",
    ],
    ids=["none", "two", "empty", "folded", "user", "bytes"],
)  # fmt: skip
def test_a_malformed_host_is_refused(served: Served, method: str, path: str, wrong: bytes) -> None:
    before = len(served.lines)
    head = (
        f"{method} {fill(served, path)} HTTP/1.1\r\nCookie: {served.cookie}\r\nSec-Fetch-Site: same-origin\r\n".encode()
    )
    kind = b"Content-Type: application/json\r\nContent-Length: 2\r\n" if method == "POST" else b""
    answer = served.send(
        head + kind + wrong.replace(b"PORT", str(served.port).encode()) + b"\r\n" + (b"{}" if kind else b"")
    )
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer), answer
    assert len(served.lines) == before + 1


@pytest.mark.parametrize(
    "target",
    [
        "/../../etc/passwd", "/assets/../../../etc/passwd", "/assets/%2e%2e/server.py", "/assets/..%5cserver.py",
        "//etc/passwd", "/assets/..", "/assets//main.js", "/assets/main.js%00.png", "http://evil.example/", "*",
        "http://127.0.0.1/assets/main.js",
        "/view/..%2f..%2fetc%2fpasswd", "/api/../assets/main.js", "/api/about/", "/%61pi/about", "/assets/main.js#x",
    ],
)  # fmt: skip
def test_traversal_is_refused(served: Served, target: str) -> None:
    before = len(served.lines)
    head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nCookie: {served.cookie}\r\n\r\n"
    answer = served.send(head.encode())
    assert re.match(rb"HTTP/1\.1 40\d ", answer)
    assert len(served.lines) == before + 1
    assert "refused" in served.lines[-1] or "Invalid" in served.lines[-1]


def write_post(served: Served, path: str, lines: str) -> bytes:
    own = f"Host: 127.0.0.1:{served.port}\r\nCookie: {served.cookie}\r\nSec-Fetch-Site: same-origin\r\n"
    return f"POST {path} HTTP/1.1\r\n{own}{lines}\r\n".encode()


def test_a_body_that_says_that_it_is_too_large_is_refused(served: Served) -> None:
    answer = served.send(
        write_post(
            served, "/api/upload", f"Content-Type: application/octet-stream\r\nContent-Length: {MOST_BYTES + 1}\r\n"
        )
    )
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_chunks_that_add_up_to_too_much_are_refused(served: Served) -> None:
    head = write_post(served, "/api/about", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    answer = served.send(head + chunk * 17 + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert "refused body (413): POST /api/about" in served.lines[-1]


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: -2\r\n",
        "Content-Length: 0x2\r\n",
    ],
)
def test_a_body_of_unclear_length_is_refused(served: Served, lines: str) -> None:
    before = len(served.lines)
    answer = served.send(
        write_post(served, "/api/about", f"Content-Type: application/json\r\n{lines}") + b"{}0\r\n\r\n"
    )
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer)
    assert served.lines[before:]
    known = ("refused length", "Invalid HTTP", "ASGI callable returned without completing response")
    assert all(line.startswith(known) for line in served.lines[before:])


def test_a_body_that_lies_about_its_length_smuggles_nothing(served: Served) -> None:
    inner = (
        write_post(served, "/api/about", "Content-Type: application/json\r\nContent-Length: 2\r\n").replace(
            b"127.0.0.1", b"evil.example"
        )
        + b"{}"
    )
    answer = served.send(
        write_post(served, "/api/about", "Content-Type: application/json\r\nContent-Length: 2\r\n") + b"{}" + inner
    )
    assert re.findall(rb"HTTP/1\.1 (\d\d\d)", answer) == [b"200", b"403"]


def test_a_stream_does_not_hold_the_end_up(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=20)
        connection.request("GET", "/events", headers={"Cookie": served.cookie, **OWN})
        answer = connection.getresponse()
        answer.readline()
        start = time.monotonic()
    assert time.monotonic() - start < 5
    assert b"event: hello" in answer.read()
    connection.close()


def test_what_the_client_says_of_itself_is_not_believed(served: Served) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"):
        assert ask(served, "GET", "/", **{header: "10.0.0.7"})[0] == 200
    assert ask(served, "GET", "/", **{"X-Forwarded-Host": "127.0.0.1", "Host": "evil.example"})[0] == 403


def test_it_listens_on_this_machine_alone() -> None:
    with open_socket(None) as opened:
        assert opened.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"--port {port}: Address already in use. Choose another, or leave it out"):
            open_socket(port)


def test_no_secret_is_in_the_log(served: Served) -> None:
    text = "\n".join(served.lines)
    assert served.cookie.partition("=")[2] not in text
    assert not re.search(r"token=[A-Za-z0-9_-]{43}", text)
    assert all(sign.isprintable() for line in served.lines for sign in line.split("\nTraceback")[0])
