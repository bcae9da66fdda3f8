"""Every rule by itself: whatever isn't on the list never reaches the application behind the guard."""

from __future__ import annotations

import string
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.studio.knocking import COOKIE, DOORS, HOSTS, KEYS, PATHS, VIEW, ask, make_scope

from striate.studio.asked import MOST_HEADER_BYTES, MOST_HEADERS

NEITHER = {"origin": None, "sec_fetch_site": None}
REFUSED: list[tuple[str, int, str, dict[str, Any]]] = [
    ("client", 403, "*", {"client": ("10.0.0.7", 1)}),
    ("client", 403, "*", {"client": None}),
    ("client", 403, "*", {"client": ("", 1)}),
    ("host", 403, "*", {"host": "evil.example:8765"}),
    ("host", 403, "*", {"host": "127.0.0.1"}),
    ("host", 403, "*", {"host": "127.0.0.1:8766"}),
    ("host", 403, "*", {"host": "127.0.0.1:08765"}),
    ("host", 403, "*", {"host": "[::1]:8765"}),
    ("host", 403, "*", {"host": "localhost.:8765"}),
    ("host", 403, "*", {"host": "LOCALHOST:8765"}),
    ("host", 403, "*", {"host": "127.0.0.1:8765@evil.example"}),
    ("host", 403, "*", {"host": "evil.example/127.0.0.1:8765"}),
    ("host", 403, "*", {"host": " 127.0.0.1:8765"}),
    ("host", 403, "*", {"host": "127.0.0.1:8765\n"}),
    ("host", 403, "*", {"host": b"\xff\xfe"}),
    ("host", 400, "*", {"host": ""}),
    ("host", 400, "*", {"host": None}),
    ("origin", 403, "*", {"origin": "null"}),
    ("origin", 403, "*", {"origin": ""}),
    ("origin", 403, "*", {"origin": "http://evil.example"}),
    ("origin", 403, "*", {"origin": "https://127.0.0.1:8765"}),
    ("origin", 403, "*", {"origin": "http://localhost:8765"}),
    ("origin", 403, "*", {"origin": "http://127.0.0.1:8765/"}),
    ("origin", 403, "*", {"origin": "http://127.0.0.1:8766"}),
    ("site", 403, "*", {"sec_fetch_site": "cross-site"}),
    ("site", 403, "*", {"sec_fetch_site": "same-site"}),
    ("site", 403, "*", {"sec_fetch_site": ""}),
    ("site", 403, "/assets/main.js", {"sec_fetch_site": "none"}),
    ("site", 403, VIEW, {"sec_fetch_site": "none"}),
    ("site", 403, "/api/about", {"sec_fetch_site": None}),
    ("site", 403, "/api/about", NEITHER),
    ("site", 403, "/api/upload", NEITHER),
    ("site", 403, "/events", {"sec_fetch_site": None}),
    ("site", 403, "/events", {"sec_fetch_site": "none"}),
    ("site", 403, "/", {"sec_fetch_site": "none", "sec_fetch_dest": "iframe"}),
    ("site", 403, "/", {"sec_fetch_site": "none", "sec_fetch_mode": "no-cors"}),
    ("cookie", 403, "*", {"cookie": None}),
    ("cookie", 403, "*", {"cookie": "striate-8765=wrong"}),
    ("cookie", 403, "*", {"cookie": COOKIE + b"; " + COOKIE}),
    ("query", 400, "/api/about", {"query_string": b"a=1"}),
    ("query", 400, "/assets/main.js", {"query_string": KEYS.launch_query()}),
    ("token", 403, "/", {"query_string": b"token=wrong"}),
    ("token", 403, "/", {"query_string": b"url=http://evil.example"}),
    ("upgrade", 400, "*", {"upgrade": "websocket"}),
    ("type", 415, "/api/about", {"content_type": "text/plain"}),
    ("type", 415, "/api/about", {"content_type": "application/x-www-form-urlencoded"}),
    ("type", 415, "/api/about", {"content_type": None}),
    ("type", 415, "/api/upload", {"content_type": "multipart/form-data"}),
    ("body", 413, "*", {"content_length": "999999999999"}),
    ("body", 413, "/", {"transfer_encoding": "chunked"}),
    ("length", 400, "/api/about", {"content_length": "-1"}),
    ("length", 400, "/api/about", {"content_length": "1e3"}),
    ("length", 400, "/api/about", {"content_length": "5", "transfer_encoding": "chunked"}),
    ("path", 400, "*", {"root_path": "/x"}),
]


@pytest.mark.parametrize(("name", "status", "where", "changes"), REFUSED)
def test_a_wrong_request_is_refused_and_named(
    name: str, status: int, where: str, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    for path in PATHS if where == "*" else (where,):
        caplog.clear()
        found, behind, sent = ask(make_scope(path, **changes))
        assert (found, behind.came) == (status, [])
        (line,) = [record.getMessage() for record in caplog.records]
        assert line.startswith(f"refused {name} ({status}): ")
        assert path in line
        headers = dict(sent[0]["headers"])
        assert b"default-src 'none'" in headers[b"content-security-policy"]
        assert headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize("header", ["host", "origin", "sec-fetch-site", "content-type", "content-length"])
def test_a_header_that_stands_twice_is_refused(header: str) -> None:
    scope = make_scope()
    value = dict(scope["headers"]).get(header.encode(), b"1")
    scope["headers"] = [(n, v) for n, v in scope["headers"] if n != header.encode()] + [(header.encode(), value)] * 2
    status, behind, _ = ask(scope)
    assert (status, behind.came) == (400, [])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "GET", "POST"]
)
def test_a_door_has_one_method(method: str, path: str) -> None:
    own = DOORS[path].method if path in DOORS else "GET"
    status, behind, _ = ask(make_scope(path, method=method))
    assert (status, len(behind.came)) == ((200, 1) if method == own else (405, 0))


@pytest.mark.parametrize(
    "raw",
    [
        "/../etc/passwd", "/assets/../main.js", "/assets/..%2fmain.js",
        "/assets/%2e%2e/main.js", "//", "//evil.example/", "/ä",
        "/assets//main.js", "/assets\\main.js", "/assets/main.js%00", "/assets/main.js\0", "/assets/main.js/", "/./",
        "/assets/%6dain.js", "/assets/.hidden", "http://evil.example/", "*", "", "/api/about;x", "/api/about?x",
        "/view/" + "../" * 8, "/assets/m\u0430in.js", "/api/about\r\nX: y", "/api/about ", "/assets/main.js\n",
    ],
)  # fmt: skip
def test_no_path_leads_elsewhere(raw: str) -> None:
    for path in {raw, unquote(raw)}:
        scope = make_scope("/api/about", path=path, raw_path=raw.encode(), method="GET")
        status, behind, _ = ask(scope)
        assert (status in (400, 404), behind.came) == (True, [])


def test_a_raw_path_that_differs_from_the_decoded_one_is_refused() -> None:
    status, behind, _ = ask(make_scope("/", path="/assets/main.js", raw_path=b"/"))
    assert (status, behind.came) == (400, [])


def test_too_many_headers_are_refused() -> None:
    many = make_scope()
    many["headers"] += [(b"x", b"y")] * MOST_HEADERS
    assert ask(many)[0] == 431
    long = make_scope(x="y" * MOST_HEADER_BYTES)
    assert ask(long)[0] == 431


ENCODED = st.text(st.characters(codec="utf-8"), max_size=30)
NEAR = st.text(st.sampled_from("/.%2eapisetvw-_mjn?#\\ \0" + string.digits), max_size=24)


@given(
    path=st.one_of(ENCODED, NEAR, NEAR.map("/assets/".__add__), NEAR.map("/api/".__add__)),
    method=st.sampled_from(["GET", "POST"]),
)
def test_a_path_that_is_not_listed_never_gets_in(path: str, method: str) -> None:
    status, behind, _ = ask(make_scope("/api/about", path=path, raw_path=path.encode(), method=method))
    assert behind.came == [] or path in DOORS or path.startswith("/view/")
    assert status == 200 or 400 <= status < 500


@given(
    host=st.one_of(
        st.binary(max_size=24),
        st.from_regex(r"(127\.0\.0\.1|localhost|::1|0)?:?[0-9]{0,5}[ ./@]?", fullmatch=True).map(str.encode),
    )
)
def test_a_foreign_host_never_gets_in(host: bytes) -> None:
    status, behind, _ = ask(make_scope("/", host=host, origin=None))
    assert (status == 200) == bool(behind.came) == (host in [name.encode() for name in HOSTS])
    assert status == 200 or 400 <= status < 500


@given(
    origin=st.one_of(
        st.binary(max_size=30), st.sampled_from(["http", "https", "ws"]).map(lambda s: f"{s}://{HOSTS[0]}".encode())
    ),
    path=st.sampled_from(PATHS),
)
def test_a_foreign_origin_never_gets_in(origin: bytes, path: str) -> None:
    _, behind, _ = ask(make_scope(path, origin=origin))
    assert bool(behind.came) == (origin == b"http://127.0.0.1:8765")


@given(cookie=st.binary(max_size=80))
def test_a_made_up_cookie_never_gets_in(cookie: bytes) -> None:
    assert ask(make_scope("/", cookie=cookie))[1].came == []
