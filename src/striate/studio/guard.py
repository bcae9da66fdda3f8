"""The one gate of the studio: pure ASGI, for http and websocket alike, and closed unless every rule lets a request in.

Source: marimo's CVE-2026-39987, a middleware that left websockets out. None is spoken here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect

from striate.studio import asked
from striate.studio.doors import Door, find_door
from striate.studio.peers import is_stranger
from striate.studio.policies import protect
from striate.studio.refusal import FAULT, Refused, log, log_refusal, write_plain
from striate.studio.token import Keys

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[asked.Scope, Receive, Send], Awaitable[None]]

BODY_SECONDS = 60.0
NO_LINK = (
    "Striate's studio opens by the link that its terminal shows, which works once. "
    "Press Enter there for a new one, or start the studio again."
)


class Guard:
    """Stands before an application; what it refuses never reaches that."""

    def __init__(self, app: App, keys: Keys, port: int, doors: Mapping[str, Door]) -> None:
        """Guard an application on a port, with the secrets that open it and the paths that it answers."""
        self.app, self.keys, self.port, self.doors = app, keys, port, doors

    async def __call__(self, scope: asked.Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it and log that."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        try:
            if scope["type"] != "http":
                raise Refused(403, "websocket", "no websocket is spoken here")
            door = self.admit(scope)
        except Refused as refused:
            await self._refuse(refused, scope, send)
            return
        if door is None:
            await self._hand_cookie(send)
        else:
            await self._pass_on(door, scope, receive, send)

    def admit(self, scope: asked.Scope) -> Door | None:
        """Give the door of a request that may come in; None where it brings the launch token and gets the cookie.

        Raises:  Refused for any other.
        """
        asked.check_client(scope)
        asked.check_headers(scope)
        host = asked.check_host(scope, self.port)
        asked.check_origin(scope, host)
        path = asked.check_path(scope)
        door = find_door(self.doors, path)
        if door is None:
            raise Refused(404, "unknown", "there is nothing here")
        asked.check_method(scope, door)
        asked.check_site(scope, door)
        query = asked.check_query(scope, door)
        asked.check_length(scope, door)
        if query:
            if is_stranger(scope["client"][1], self.port):
                raise Refused(403, "user", "this link is another user's of this machine")
            if not self.keys.spend(query):
                raise Refused(403, "token", NO_LINK)
            return None
        if not self.keys.holds(asked.read_all(scope, b"cookie")):
            raise Refused(403, "cookie", NO_LINK)
        return door

    async def _pass_on(self, door: Door, scope: asked.Scope, receive: Receive, send: Send) -> None:
        """Run the application with its body counted and its headers completed."""
        over: list[Refused] = []
        begun = gone = False

        async def count() -> Message:
            try:
                return await counted()
            except Refused as refused:
                over.append(refused)
                raise

        async def guarded(message: Message) -> None:
            nonlocal begun, gone
            if over and not begun:  # what the application makes of the refusal isn't sent: ours is
                return
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": protect(message.get("headers", ()), door.kind)}
            try:
                await send(message)
            except Exception:  # the server can't: the client broke off, or sent what is no request
                gone = True
                raise

        counted = limit_body(receive, door.most_bytes, BODY_SECONDS)
        try:
            await self.app(scope, count, guarded)
        except Refused as refused:
            over.append(refused)
        except ClientDisconnect:  # a page that gave up before its whole body was sent: nobody waits for an answer
            pass
        except Exception:
            if gone:
                return
            if not over:
                log.exception("a fault while answering %s", write_plain(scope["path"]))
                over.append(Refused(500, "fault", FAULT))
        if over and not begun:
            await self._refuse(over[0], scope, send)
        elif over:  # too late for an answer of ours: the connection is cut, so that nobody takes it for a whole one
            raise over[0]

    async def _refuse(self, refused: Refused, scope: asked.Scope, send: Send) -> None:
        client = str((scope.get("client") or ("unknown",))[0])
        path = self.keys.redact(bytes(scope.get("raw_path") or scope.get("path", "").encode()).decode("latin-1"))
        refused.found = self.keys.redact(refused.found)
        log_refusal(refused, str(scope.get("method", scope["type"])), path, client)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        with suppress(Exception):  # the client may have broken off
            await _answer(refused.status, refused.message, send, json_wanted=path.startswith("/api/"))

    async def _hand_cookie(self, send: Send) -> None:
        headers = [(b"location", b"/"), (b"set-cookie", self.keys.write_cookie()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": protect(headers, None)})
        await send({"type": "http.response.body", "body": b""})


async def _answer(status: int, text: str, send: Send, *, json_wanted: bool) -> None:
    body = json.dumps({"error": text}).encode() if json_wanted else f"{text}\n".encode()
    kind = b"application/json" if json_wanted else b"text/plain; charset=utf-8"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": protect(headers, None)})
    await send({"type": "http.response.body", "body": body})


def limit_body(receive: Receive, most: int, seconds: float = BODY_SECONDS) -> Receive:
    """Count a body as it comes, whatever its header said; it may take so long in all.

    Raises:  Refused, from the call that goes too far.
    """
    seen, whole, end = 0, False, None

    async def counted() -> Message:
        nonlocal seen, whole, end
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds if end is None else end
        if whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(0.0, end - loop.time()))
        except TimeoutError:
            raise Refused(408, "slow", f"a body that took more than {seconds:g} seconds") from None
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if seen > most:
            raise Refused(413, "body", f"more than {most} bytes", f"{seen} came")
        return message

    return counted
