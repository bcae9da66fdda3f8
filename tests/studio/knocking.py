"""A guard before an application that notes who came in, and what the studio's own page would ask of it."""

from __future__ import annotations

import asyncio
from typing import Any

from striate.studio.doors import list_doors
from striate.studio.guard import Guard, Message
from striate.studio.token import Keys

PORT = 8765
HOSTS = ("127.0.0.1:8765", "localhost:8765")
DOORS = list_doors(["main.js"], {"about": 64}, 256)
VIEW = "/view/" + "a" * 22
PATHS = (*DOORS, VIEW)


class Behind:
    """The application behind the guard: notes who came in, reads the body, answers."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.body = b""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.came.append(scope["path"])
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = [(b"content-type", b"text/plain"), (b"Content-Security-Policy", b"default-src *")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"inside"})


KEYS = Keys(PORT)
COOKIE = KEYS.write_cookie().split(b";")[0]


def make_scope(at: str = "/api/about", /, **changes: Any) -> dict[str, Any]:
    """What the studio's own page would ask; a header in `changes` is replaced, and left out by None."""
    door = DOORS.get(at)
    method = door.method if door else "GET"
    headers: dict[str, Any] = {"host": HOSTS[0], "sec-fetch-site": "same-origin", "cookie": COOKIE}
    if method == "POST":
        headers |= {"origin": f"http://{HOSTS[0]}", "content-type": (door.type if door else b"").decode()}
    own = {"type", "method", "path", "raw_path", "query_string", "client", "root_path", "headers"}
    headers |= {name.replace("_", "-"): value for name, value in changes.items() if name not in own}
    scope = {
        "type": "http",
        "method": method,
        "path": at,
        "raw_path": at.encode("utf-8", "surrogateescape"),
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 50000),
        "headers": [
            (name.encode(), value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape"))
            for name, value in headers.items()
            if value is not None
        ],
    }
    return scope | {name: value for name, value in changes.items() if name in own}


def ask(
    scope: dict[str, Any], body: tuple[bytes, ...] = (b"",), keys: Keys = KEYS
) -> tuple[int, Behind, list[Message]]:
    """Give the status, the application, and what was sent."""
    behind, sent = Behind(), list[Message]()
    parts = iter([{"type": "http.request", "body": part, "more_body": i < len(body)} for i, part in enumerate(body, 1)])

    async def receive() -> Message:
        return next(parts)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(behind, keys, PORT, DOORS)(scope, receive, send))
    status = next((int(message["status"]) for message in sent if message["type"] == "http.response.start"), 0)
    return status, behind, sent
