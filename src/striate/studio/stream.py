"""News for the page as server-sent events: one stream, numbered, so that a page that comes back gets what it missed.

Source: WHATWG HTML, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from threading import Lock
from typing import Any

KEPT = 1024
BEAT_SECONDS = 15.0
MOST_FOLLOWERS = 32


@dataclass(frozen=True)
class _News:
    number: int
    text: bytes


class Stream:
    """What happened, kept for those who look away for a while: the last `kept` pieces of news.

    >>> stream = Stream()
    >>> stream.publish("engine", {"ready": True})
    >>> stream.last
    1
    """

    def __init__(self, kept: int = KEPT, beat_seconds: float = BEAT_SECONDS) -> None:
        """Begin at number 0, under a name that no other start of the studio has."""
        self.name, self.last, self.beat_seconds = token_hex(4), 0, beat_seconds
        self._news: deque[_News] = deque(maxlen=kept)
        self._followers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._closed, self._lock = False, Lock()

    @property
    def followers(self) -> int:
        """How many pages listen."""
        return len(self._followers)

    @property
    def is_full(self) -> bool:
        """Whether no further page may listen."""
        return self.followers >= MOST_FOLLOWERS

    def publish(self, kind: str, data: dict[str, Any]) -> None:
        """Tell every page; from any thread."""
        with self._lock:
            self.last += 1
            self._news.append(_News(self.last, self._write(kind, data, self.last)))
        self._wake()

    def close(self) -> None:
        """End every page's stream."""
        self._closed = True
        self._wake()

    async def follow(self, last_id: str | None = None) -> AsyncIterator[bytes]:
        """Give the news from now on; with the id that a page saw last, from there on.

        A page that missed more than is kept, or that saw an earlier start's news, hears `missed` and asks for the
        state anew.
        """
        arrival = asyncio.Event()
        self._followers[arrival] = asyncio.get_running_loop()
        try:
            at, missed = self._find_place(last_id)
            yield self._write("missed" if missed else "hello", {}, at)
            while not self._closed:
                arrival.clear()
                with self._lock:
                    news = [each for each in self._news if each.number > at]
                if news and news[0].number > at + 1:  # a slow page: what came between is gone
                    yield self._write("missed", {}, news[0].number - 1)
                for each in news:
                    yield each.text
                    at = each.number
                if not news and not await _wait(arrival, self.beat_seconds):
                    yield b": still here\n\n"
        finally:
            self._followers.pop(arrival, None)

    def _find_place(self, last_id: str | None) -> tuple[int, bool]:
        """The number after which to begin, and whether something was missed."""
        if not last_id:
            return self.last, False
        name, _, number = last_id.partition("-")
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1
        with self._lock:
            first = self._news[0].number if self._news else self.last + 1
        if name != self.name or not first - 1 <= at <= self.last:
            return self.last, True
        return at, False

    def _write(self, kind: str, data: dict[str, Any], number: int) -> bytes:
        text = json.dumps(data, allow_nan=False)
        return f"id: {self.name}-{number}\nevent: {kind}\ndata: {text}\n\n".encode()

    def _wake(self) -> None:
        for arrival, loop in list(self._followers.items()):
            with suppress(RuntimeError):  # its loop has closed: the studio ends
                loop.call_soon_threadsafe(arrival.set)


async def _wait(arrival: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(arrival.wait(), seconds)
    except TimeoutError:
        return False
    return True
