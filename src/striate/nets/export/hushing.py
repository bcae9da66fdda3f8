"""Standard output and error that drop what some threads write and pass on what the others do."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import Any

NAMES = ("stdout", "stderr")
_lock = Lock()
_hushed: Counter[int] = Counter()  # how often each thread is
_routed: dict[str, _Routed] = {}


class _Routed:
    """A stream that is another one, but for what a hushed thread writes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return len(text) if get_ident() in _hushed else int(self._stream.write(text) or 0)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def hush_thread() -> Iterator[None]:
    """A `with` under which nothing that this thread prints is heard; other threads' words come through.

    >>> with hush_thread():
    ...     print("chatter")
    >>> print("heard")
    heard
    """
    _begin(get_ident())
    try:
        yield
    finally:
        _end(get_ident())


def _begin(thread: int) -> None:
    with _lock:
        _hushed[thread] += 1
        for name in NAMES:
            stream = getattr(sys, name)
            if stream is not None and not isinstance(stream, _Routed):
                _routed[name] = _Routed(stream)
                setattr(sys, name, _routed[name])


def _end(thread: int) -> None:
    """The last one that was hushed gives the streams back, unless somebody has set others meanwhile."""
    with _lock:
        _hushed[thread] -= 1
        if not _hushed[thread]:
            del _hushed[thread]
        if _hushed:
            return
        for name, routed in _routed.items():
            if getattr(sys, name) is routed:
                setattr(sys, name, routed._stream)
        _routed.clear()
