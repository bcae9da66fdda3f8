"""Handles: the random names by which the page speaks of what the studio holds, in place of any path."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from secrets import token_urlsafe
from threading import Lock
from typing import Any

from striate.errors import InputError

_BYTES = 16
MOST = 256


class Handles:
    """What was given out, by kind; of each kind those used last are kept.

    >>> handles = Handles()
    >>> handle = handles.give("net", "conv3-8")
    >>> handles.take("net", handle), len(handle)
    ('conv3-8', 22)
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._kinds: dict[str, OrderedDict[str, Any]] = {}
        self._lock = Lock()

    def give(self, kind: str, value: Any, *, on_drop: Callable[[Any], None] | None = None, most: int = MOST) -> str:
        """Keep a value and give its handle; `on_drop` is called when the value is dropped or goes for newer ones."""
        handle = token_urlsafe(_BYTES)
        with self._lock:
            held = self._kinds.setdefault(kind, OrderedDict())
            held[handle] = (value, on_drop)
            gone = [held.popitem(last=False)[1] for _ in range(len(held) - most)]
        for old, drop in gone:
            if drop is not None:
                drop(old)
        return handle

    def give_same(self, kind: str, value: Any, *, most: int = MOST) -> str:
        """Give a value's handle, the same as before where it was given out already and is still held."""
        with self._lock:
            held = self._kinds.get(kind, OrderedDict())
            known = next((handle for handle, (other, _) in held.items() if other == value), None)
            if known is not None:
                held.move_to_end(known)
                return known
        return self.give(kind, value, most=most)

    def take(self, kind: str, handle: object) -> Any:
        """Give what a handle stands for.

        Raises:  InputError for one that was not given out for this kind, or is gone.
        """
        with self._lock:
            held = self._kinds.get(kind, OrderedDict())
            if not isinstance(handle, str) or handle not in held:
                raise InputError(f"{kind}: the studio doesn't hold this one any more. Choose it again")
            held.move_to_end(handle)
            return held[handle][0]

    def drop(self, kind: str, handle: object) -> None:
        """Let go of a value. One that is gone already is no error."""
        with self._lock:
            held = self._kinds.get(kind, OrderedDict())
            value, on_drop = held.pop(str(handle), (None, None))
        if on_drop is not None:
            on_drop(value)
