"""The two secrets of a studio: a launch token that works once, and the cookie's that stands for it afterwards."""

from __future__ import annotations

import re
from hmac import compare_digest
from secrets import token_urlsafe
from threading import Lock

_BYTES = 32
TOKEN = re.compile(rb"token=([A-Za-z0-9_-]{43})")


class Keys:
    """What opens a studio on one port: `launch` goes into the printed link, and dies with its first use.

    >>> keys = Keys(8000)
    >>> query = keys.launch_query()
    >>> keys.spend(query), keys.spend(query)
    (True, False)
    """

    def __init__(self, port: int) -> None:
        """Draw both secrets; a cookie's name carries the port, as cookies themselves know no ports."""
        self.name = f"striate-{port}"
        self._launch: str | None = None
        self._secret = token_urlsafe(_BYTES)
        self._spent: list[str] = []
        self._lock = Lock()
        self.renew()

    def renew(self) -> None:
        """Draw a new launch token; the one before it is dead."""
        with self._lock:
            if self._launch is not None:
                self._spent.append(self._launch)
            self._launch = token_urlsafe(_BYTES)

    def launch_query(self) -> bytes:
        """The query of the link. A spent token gives one that opens nothing."""
        return b"token=" + (self._launch or "").encode()

    def spend(self, query: bytes) -> bool:
        """Tell whether a query holds the launch token, which is dead afterwards. Compared in constant time."""
        match = TOKEN.fullmatch(query)
        with self._lock:
            launch = self._launch
            if match is None or launch is None or not compare_digest(match[1], launch.encode()):
                return False
            self._launch = None
            self._spent.append(launch)
            return True

    def write_cookie(self) -> bytes:
        """The `Set-Cookie` of a page that came with the token."""
        return f"{self.name}={self._secret}; Path=/; HttpOnly; SameSite=Strict".encode()

    def holds(self, cookies: list[bytes]) -> bool:
        """Tell whether these `Cookie` headers hold the secret, under its name and once."""
        pairs = [pair.strip(b" \t").partition(b"=") for header in cookies for pair in header.split(b";")]
        found = [value for name, _, value in pairs if name == self.name.encode()]
        return len(found) == 1 and compare_digest(found[0], self._secret.encode())

    def redact(self, text: str) -> str:
        """Blacken every secret of this studio in a text that is to be logged."""
        for secret in (self._secret, self._launch, *self._spent[-64:]):
            if secret:
                text = text.replace(secret, "[token]")
        return text
