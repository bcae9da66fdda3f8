"""What is asked of a request before anything answers it: each rule reads the raw bytes and refuses by name.

Nothing here reads a URL that was put together from the request's own Host header.
Source: Starlette's CVE-2026-48710 (a URL poisoned by Host), MLflow's CVE-2025-14279 (no Host check: DNS rebinding).
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from ipaddress import ip_address
from typing import Any

from striate.studio.doors import Door
from striate.studio.refusal import Refused

Scope = MutableMapping[str, Any]
MOST_HEADERS = 64
MOST_HEADER_BYTES = 16 * 1024
FOREIGN_LINK = "The studio isn't opened from another site's page: copy its link into the browser's address bar."
_PATH = re.compile(rb"/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*)?")


def read_all(scope: Scope, name: bytes) -> list[bytes]:
    """Give every value of a header, in order."""
    return [bytes(value) for key, value in scope["headers"] if bytes(key).lower() == name]


def read_one(scope: Scope, name: bytes) -> bytes | None:
    """Give a header's value, None where it is missing. Raises: Refused where it stands twice."""
    values = read_all(scope, name)
    if len(values) > 1:
        raise Refused(400, name.decode(), "a header stands twice", f"{len(values)} times")
    return values[0] if values else None


def check_client(scope: Scope) -> None:
    """Refuse whoever isn't on this machine."""
    client = scope.get("client")
    try:
        near = client is not None and ip_address(str(client[0])).is_loopback
    except ValueError:
        near = False
    if not near:
        raise Refused(403, "client", "the studio answers its own machine alone")


def check_headers(scope: Scope) -> None:
    """Refuse more headers than a browser sends, and a wish for another protocol."""
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(key) + len(value) for key, value in headers) > MOST_HEADER_BYTES:
        raise Refused(431, "headers", "too many headers")
    if read_all(scope, b"upgrade") or scope.get("http_version", "1.1") not in ("1.0", "1.1"):
        raise Refused(400, "upgrade", "no other protocol is spoken here")


def check_host(scope: Scope, port: int) -> str:
    """Give the host if it is this studio's own. Raises: Refused for any other, none, or several."""
    host = read_one(scope, b"host")
    own = [f"{name}:{port}" for name in ("127.0.0.1", "localhost")]
    if port == 80:  # which browsers leave out
        own += ["127.0.0.1", "localhost"]
    text = (host or b"").decode("latin-1")
    if text not in own:
        raise Refused(403 if host else 400, "host", "this is not the studio's address", text or "none")
    return text


def check_path(scope: Scope) -> str:
    """Give the path if it is plain: ASCII names between single slashes, nothing encoded, no leading dots.

    Raises:  Refused for any other.
    """
    raw = scope.get("raw_path")
    path = scope["path"]
    raw = path.encode("utf-8", "replace") if raw is None else bytes(raw)
    if not _PATH.fullmatch(raw) or raw.decode("ascii") != path or scope.get("root_path"):
        raise Refused(400, "path", "not a path of the studio's")
    return str(path)


def check_method(scope: Scope, door: Door) -> None:
    """Refuse other methods than the door's."""
    if scope["method"] != door.method:
        raise Refused(405, "method", f"this needs {door.method}")


def check_query(scope: Scope, door: Door) -> bytes:
    """Give the query, which the page alone may have. Raises: Refused for any other door's."""
    query = bytes(scope.get("query_string") or b"")
    if query and door.kind != "page":
        raise Refused(400, "query", "nothing is asked by a query")
    return query


def check_origin(scope: Scope, host: str) -> None:
    """Refuse an origin that isn't the address itself; `null` is none."""
    origin = read_one(scope, b"origin")
    if origin is not None and origin != b"http://" + host.encode():
        raise Refused(403, "origin", "another site asked for this", origin.decode("latin-1") or "empty")


def check_site(scope: Scope, door: Door) -> None:
    """Refuse what another site's page began: cookies know no ports, so SameSite lets other local servers' pages in.

    Source: W3C, "Fetch Metadata Request Headers".
    """
    site, mode, where = (read_one(scope, b"sec-fetch-" + part) for part in (b"site", b"mode", b"dest"))
    if door.kind == "page":
        fine = site in (None, b"none", b"same-origin") and mode in (None, b"navigate") and where in (None, b"document")
    elif door.kind in ("api", "stream", "download"):
        fine = site == b"same-origin"
    else:
        fine = site in (None, b"same-origin")
    if not fine:
        found = b" ".join(part or b"-" for part in (site, mode, where)).decode("latin-1")
        raise Refused(403, "site", FOREIGN_LINK if door.kind == "page" else "only the studio's own page may ask", found)


def check_length(scope: Scope, door: Door) -> None:
    """Refuse a body of another type, or one that says that it is too large; what comes is counted all the same."""
    length, coding = read_one(scope, b"content-length"), read_one(scope, b"transfer-encoding")
    if length is not None and (not re.fullmatch(rb"[0-9]{1,15}", length) or coding is not None):
        raise Refused(400, "length", "a body of unclear length")
    if length is not None and int(length) > door.most_bytes:
        raise Refused(413, "body", f"more than {door.most_bytes} bytes", length.decode())
    if coding is not None and not door.most_bytes:
        raise Refused(413, "body", "a body where none is taken")
    kind = read_one(scope, b"content-type")
    if door.type and (kind or b"").split(b";")[0].strip().lower() != door.type:
        raise Refused(415, "type", f"needed {door.type.decode()}", (kind or b"none").decode("latin-1"))
