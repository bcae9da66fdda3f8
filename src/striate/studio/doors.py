"""The doors of a studio: every path that is answered, and what each takes. Whatever isn't listed is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["page", "asset", "stream", "view", "download", "api"]

JSON = b"application/json"
BYTES = b"application/octet-stream"
HANDLE = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Door:
    """One path's method, kind and limits; `type` is the content type that a body must have."""

    kind: Kind
    method: str = "GET"
    most_bytes: int = 0
    type: bytes = b""


_PAGE, _ASSET, _STREAM = Door("page"), Door("asset"), Door("stream")
_BY_HANDLE = {"/view/": Door("view"), "/download/": Door("download")}


def list_doors(assets: Iterable[str], verbs: Mapping[str, int], upload_bytes: int) -> dict[str, Door]:
    """List the exact paths of a studio with these files and verbs, each verb with its limit in bytes.

    >>> sorted(list_doors(["main.js"], {"about": 100}, 1000))
    ['/', '/api/about', '/api/upload', '/assets/main.js', '/events']
    """
    return {
        "/": _PAGE,
        "/events": _STREAM,
        **{f"/assets/{name}": _ASSET for name in assets},
        **{f"/api/{name}": Door("api", "POST", most, JSON) for name, most in verbs.items()},
        "/api/upload": Door("api", "POST", upload_bytes, BYTES),
    }


def find_door(doors: Mapping[str, Door], path: str) -> Door | None:
    """Find the door of a path: one of the list, or `/view/` or `/download/` with a handle.

    >>> find_door({}, "/view/" + "a" * 22).kind, find_door({}, "/view/../a")
    ('view', None)
    """
    for start, door in _BY_HANDLE.items():
        if path.startswith(start) and HANDLE.fullmatch(path[len(start) :]):
            return door
    return doors.get(path)
