"""The guard as a whole: who gets in, how the token becomes a cookie, and what is counted and logged on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.studio.knocking import DOORS, HOSTS, KEYS, PATHS, PORT, ask, make_scope

from striate.studio.guard import Guard, Message, limit_body
from striate.studio.refusal import Refused
from striate.studio.token import Keys


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", PATHS)
def test_the_own_page_gets_in(path: str, host: str) -> None:
    scope = make_scope(path, host=host, origin=f"http://{host}")
    status, behind, sent = ask(scope)
    assert status == 200
    assert behind.came == [path]
    assert sent[1]["body"] == b"inside"


def test_the_token_gives_the_cookie_once() -> None:
    keys = Keys(PORT)
    scope = make_scope("/", cookie=None, sec_fetch_site="none", query_string=keys.launch_query())
    status, behind, sent = ask(scope, keys=keys)
    headers = dict(sent[0]["headers"])
    assert (status, behind.came, headers[b"location"]) == (303, [], b"/")
    assert headers[b"set-cookie"] == keys.write_cookie()
    status, _, sent = ask(scope, keys=keys)
    assert status == 403
    assert b"set-cookie" not in dict(sent[0]["headers"])


@pytest.mark.parametrize(
    "changes", [{"host": "evil.example"}, {"sec_fetch_site": "cross-site"}, {"method": "POST"}, {"origin": "null"}]
)
def test_a_refused_request_does_not_use_the_token_up(changes: dict[str, str]) -> None:
    keys = Keys(PORT)
    query = keys.launch_query()
    assert ask(make_scope("/", cookie=None, query_string=query, **changes), keys=keys)[0] >= 400
    assert keys.spend(query)


def test_a_log_line_holds_no_token_and_no_control_sign(caplog: pytest.LogCaptureFixture) -> None:
    keys = Keys(PORT)
    token = keys.launch_query().decode()
    secret = keys.write_cookie().split(b";")[0].decode().partition("=")[2]
    path = f"/{token}/{secret}\r\nfake\x1b[2J\x9b"
    ask(make_scope("/", path=path, raw_path=path.encode("latin-1")), keys=keys)
    ask(make_scope("/", host=f"{token}\r\n{secret}"), keys=keys)
    ask(make_scope("/", query_string=keys.launch_query() + b"x"), keys=keys)
    text = caplog.text
    assert len(caplog.records) == 3
    assert token.partition("=")[2] not in text
    assert secret not in text
    assert not any(ord(sign) < 32 or ord(sign) > 126 for record in caplog.records for sign in record.getMessage())


@pytest.mark.parametrize("stated", [None, "3"])
def test_a_body_is_counted_whatever_its_header_says(stated: str | None) -> None:
    fine, behind, _ = ask(make_scope(content_length=stated), (b"x" * 32, b"x" * 32))
    assert (fine, len(behind.body)) == (200, 64)
    status, behind, sent = ask(make_scope(content_length=stated), (b"x" * 32, b"x" * 32, b"x"))
    assert status == 413
    assert len(behind.body) == 64
    assert len([message for message in sent if message["type"] == "http.response.start"]) == 1


def test_a_slow_body_is_given_up() -> None:
    async def receive() -> Message:
        await asyncio.sleep(5)
        raise AssertionError

    with pytest.raises(Refused, match="more than 0"):
        asyncio.run(limit_body(receive, 10, 0.01)())  # type: ignore[arg-type]


def test_a_websocket_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    for path in PATHS:
        _, behind, sent = ask(make_scope(path, type="websocket"))
        assert behind.came == []
        assert [message["type"] for message in sent] == ["websocket.close"]
    assert all("refused websocket" in record.getMessage() for record in caplog.records)


def test_a_fault_behind_the_guard_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("secret detail")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    asyncio.run(Guard(broken, KEYS, PORT, DOORS)(make_scope("/"), receive, send))
    assert sent[0]["status"] == 500
    assert b"secret detail" not in sent[1]["body"]
    assert "ZeroDivisionError" in caplog.text
