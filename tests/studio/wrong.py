"""Requests that are wrong in one way each, as raw bytes: what the studio's own page would send, and then spoilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.studio.conftest import Served

from striate.studio.doors import Door

OTHERS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "QUERY", "get")


@dataclass(frozen=True)
class Raw:
    """A request as it goes over the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    version: str = "HTTP/1.1"

    def write(self) -> bytes:
        lines = [f"{self.method} {self.target} {self.version}", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body

    def but(self, **changes: str | tuple[str, ...] | None) -> Raw:
        """The same with headers set anew: to one value, to several, or to none."""
        names = {name.replace("_", "-").lower(): value for name, value in changes.items()}
        kept = [pair for pair in self.headers if pair[0].lower() not in names]
        new = [
            (name, each)
            for name, value in names.items()
            for each in ((value,) if isinstance(value, str) else value or ())
        ]
        return replace(self, headers=(*kept, *new))


@dataclass(frozen=True)
class Spoilt:
    """A wrong request: `names` are what the log may call it."""

    about: str
    raw: Raw
    names: tuple[str, ...] = field(default=())


def make_own(served: Served, path: str, door: Door) -> Raw:
    """What the studio's own page would ask at this door."""
    own = f"127.0.0.1:{served.port}"
    headers = {"Host": own, "Cookie": served.cookie, "Sec-Fetch-Site": "same-origin", "Connection": "close"}
    body = b"{}" if door.method == "POST" else b""
    if door.method == "POST":
        headers |= {"Origin": f"http://{own}", "Content-Type": door.type.decode(), "Content-Length": str(len(body))}
    return Raw(door.method, path, tuple(headers.items()), body)


def spoil(served: Served, path: str, door: Door) -> Iterator[Spoilt]:
    """Every wrong way to knock at a door."""
    own, port = make_own(served, path, door), served.port
    ways: tuple[Callable[[Raw, int, Door], Iterator[Spoilt]], ...] = (
        _spoil_cookies, _spoil_hosts, _spoil_origins, _spoil_methods, _spoil_targets, _spoil_bodies, _spoil_heads
    )  # fmt: skip
    for way in ways:
        yield from way(own, port, door)


def _spoil_cookies(own: Raw, port: int, door: Door) -> Iterator[Spoilt]:
    secret = dict(own.headers)["Cookie"].partition("=")[2]
    yield Spoilt("no cookie", own.but(cookie=None), ("cookie",))
    for value in ("", "striate", f"striate-{port}=", f"striate-{port}={'x' * 43}", f"striate-{port + 1}={secret}",
                  f"striate-{port}={secret}x", f"striate-{port}=x; striate-{port}={secret}"):  # fmt: skip
        yield Spoilt(f"cookie {value[:12]!r}", own.but(cookie=value), ("cookie",))


def _spoil_hosts(own: Raw, port: int, door: Door) -> Iterator[Spoilt]:
    yield Spoilt("no host", own.but(host=None), ("Invalid",))
    yield Spoilt("no host, HTTP/1.0", replace(own.but(host=None), version="HTTP/1.0"), ("host",))
    yield Spoilt("two hosts", own.but(host=(f"127.0.0.1:{port}", "evil.example")), ("Invalid", "host"))
    for host in ("", "evil.example", f"evil.example:{port}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:0{port}",
                 f"127.0.0.1:{port}.evil.example", f"evil@127.0.0.1:{port}", f"127.0.0.1:{port}@evil", f"127.1:{port}",
                 f"0.0.0.0:{port}", f"[::1]:{port}", "[::1]", f"localhost.:{port}", f"127.0.0.1:{port}/", "a b", "\xff",
                 f"127.0.0.1:{port}, evil.example", f"127.0.0.1:{port}\tx", f"127.0.0.1:{port}?"):  # fmt: skip
        yield Spoilt(f"host {host!r}", own.but(host=host), ("host", "Invalid"))


def _spoil_origins(own: Raw, port: int, door: Door) -> Iterator[Spoilt]:
    for origin in ("null", "", "http://evil.example", f"https://127.0.0.1:{port}", f"http://localhost:{port}",
                   f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}.evil.example", "file://"):  # fmt: skip
        yield Spoilt(f"origin {origin!r}", own.but(origin=origin), ("origin",))
    yield Spoilt("two origins", own.but(origin=(f"http://127.0.0.1:{port}", "null")), ("origin",))
    for site in ("cross-site", "same-site", "", "Same-Origin", "x\x7f"):
        yield Spoilt(f"site {site!r}", own.but(sec_fetch_site=site), ("site", "Invalid"))
    if door.kind != "page":
        yield Spoilt("site none", own.but(sec_fetch_site="none"), ("site",))
    if door.kind in ("api", "stream"):
        yield Spoilt("no site", own.but(sec_fetch_site=None), ("site",))


def _spoil_methods(own: Raw, port: int, door: Door) -> Iterator[Spoilt]:
    for method in OTHERS:
        if method != own.method:
            yield Spoilt(method, replace(own, method=method), ("method",))
    wanted = own.but(connection="Upgrade", upgrade="websocket", sec_websocket_version="13", sec_websocket_key="AAAA")
    yield Spoilt("a websocket", wanted, ("upgrade",))
    yield Spoilt("an upgrade", own.but(upgrade="h2c"), ("upgrade",))


def _spoil_targets(own: Raw, port: int, door: Door) -> Iterator[Spoilt]:
    path = own.target
    for target in (f"{path}/..", f"/..{path}", f"/../..{path}", f"/%2e%2e{path}", f"/%2E%2E%2f{path}", f"/..%5c{path}",
                   f"/..\\{path}", f"/{path}", f"//evil.example{path}", f"/.{path}", f"{path}%00", f"{path}%00.png",
                   f"{path}\0", f"{path}%0d%0aX:y", f"{path};x", f"{path}#x", f"{path}%", f"{path}%ff", f"{path}\xff",
                   f"http://127.0.0.1:{port}{path}", f"http://evil.example{path}", "*", f"evil.example:{port}",
                   f"{path}{'/a' * 6000}", "", f"{path} HTTP/1.1 "):  # fmt: skip
        yield Spoilt(f"target {target[:40]!r}", replace(own, target=target), ("path", "Invalid", "unknown"))
    for end in ("/", "/x", ".bak", "%20"):
        yield Spoilt(f"{path}{end}", replace(own, target=path + end), ("path", "unknown"))
    for query in ("x", "token=", f"token={'x' * 43}", f"token={'x' * 43}&a=b"):
        yield Spoilt(f"?{query[:8]}", replace(own, target=f"{path}?{query}"), ("query", "token"))


def _spoil_bodies(own: Raw, port: int, door: Door) -> Iterator[Spoilt]:
    yield Spoilt("too large", own.but(content_length=str(door.most_bytes + 1)), ("body",))
    for length in ("-1", "0x2", "2, 3", "+2", "1" * 30, ""):
        yield Spoilt(f"length {length!r}", own.but(content_length=length), ("length", "Invalid"))
    both = own.but(content_length="2", transfer_encoding="chunked")
    yield Spoilt("both lengths", both, ("length", "body", "Invalid"))
    yield Spoilt("a coding", own.but(content_length=None, transfer_encoding="gzip"), ("Invalid", "body"))
    if door.method == "GET":
        chunked = replace(own.but(transfer_encoding="chunked"), body=b"2\r\n{}\r\n0\r\n\r\n")
        yield Spoilt("a body", chunked, ("body",))
        return
    for kind in (None, "", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "text/json"):
        yield Spoilt(f"type {kind!r}", own.but(content_type=kind), ("type",))
    twice = own.but(content_type=(door.type.decode(), "text/plain"))
    yield Spoilt("two types", twice, ("content-type",))


def _spoil_heads(own: Raw, port: int, door: Door) -> Iterator[Spoilt]:
    many = tuple((f"X-{number}", "y") for number in range(70))
    yield Spoilt("70 headers", replace(own, headers=(*own.headers, *many)), ("headers",))
    yield Spoilt("20 kB of headers", own.but(x="y" * 20_000), ("headers", "Invalid"))
    yield Spoilt("a header of 100 kB", own.but(x="y" * 100_000), ("Invalid", "headers"))
    yield Spoilt("a header without a name", replace(own, headers=(*own.headers, ("", "x"))), ("Invalid",))
    yield Spoilt("a folded header", own.but(host=f"127.0.0.1:{port}\r\n x"), ("host", "Invalid"))
    yield Spoilt("another protocol", replace(own, version="HTTP/2.0"), ("upgrade",))
    for host in ("evil\r\nX: y", "\x1b[2J", "evil\x9b2J", "a\x7f\x00", "refused\tcookie"):
        yield Spoilt(f"a log line {host!r}", own.but(host=host), ("host", "Invalid"))
