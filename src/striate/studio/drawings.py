"""Pictures and pages that were drawn for the page, kept by what they are of, so that none is made twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Drawing:
    """A picture, png, of so many pixels; the page that it also is, if it is one; what is to be known beside it."""

    picture: bytes
    width: int
    height: int
    notes: tuple[str, ...]
    seconds: float
    page: bytes | None = None

    @property
    def bytes(self) -> int:
        """How much it takes."""
        return len(self.picture) + len(self.page or b"")


class Drawings:
    """What was drawn last, up to so many bytes.

    >>> drawings = Drawings(most=8)
    >>> drawings.keep("a", Drawing(b"12345", 1, 1, (), 0.1)); drawings.keep("b", Drawing(b"6789", 1, 1, (), 0.1))
    >>> drawings.find("a") is None, drawings.find("b").bytes
    (True, 4)
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        """Nothing is drawn yet."""
        self._kept: OrderedDict[Hashable, Drawing] = OrderedDict()
        self._lock, self._most = Lock(), most

    def find(self, key: Hashable) -> Drawing | None:
        """Give what was drawn under a key, if it is still kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: Hashable, drawing: Drawing) -> None:
        """Keep a drawing; those used least go for it, but never itself."""
        with self._lock:
            self._kept[key] = drawing
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(each.bytes for each in self._kept.values()) > self._most:
                self._kept.popitem(last=False)
