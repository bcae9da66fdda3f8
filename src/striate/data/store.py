"""Where a source's files lie: a list of entries and a way to open each, the same for folders and archives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from striate.data.part import SetAside
from striate.errors import DataError

MOST_BYTES = 1 << 29
JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db"})


@dataclass(frozen=True)
class Entry:
    """One regular file: its name below the source ('/' between folders), bytes, time of change, and place of storage."""

    name: str
    bytes: int
    changed_ns: int
    key: str | int
    part: int = 0


class Store(ABC):
    """A source's files. `place` is the order of `entries` in which reading them costs least."""

    where: str
    entries: tuple[Entry, ...]
    set_aside: tuple[SetAside, ...]

    @abstractmethod
    def open(self, entry: Entry) -> BinaryIO:
        """Open one entry for reading, from the start."""

    def close(self) -> None:  # noqa: B027  (a folder has nothing to close)
        """Let go of what the store holds open."""

    def read(self, entry: Entry) -> bytes:
        """Read a whole entry. Raises: OSError where it can't be read, DataError where it is absurdly large."""
        if entry.bytes > MOST_BYTES * 16:
            raise DataError(f"{self.where}: {shown(entry.name)} has {entry.bytes} bytes, too many to read at once.")
        with self.open(entry) as stream:
            return stream.read()


class Single(Store):
    """One file's bytes as a store of one entry."""

    def __init__(self, where: str, name: str, content: bytes) -> None:
        """Hold `content` under `name`."""
        self.where, self.content, self.set_aside = where, content, ()
        self.entries = (Entry(name, len(content), 0, name),)

    def open(self, entry: Entry) -> BinaryIO:
        """Open the content."""
        return BytesIO(self.content)


def is_junk(name: str) -> bool:
    """Tell files that systems leave behind, and hidden ones: they are passed over in silence.

    >>> is_junk("cat/.DS_Store"), is_junk("__MACOSX/cat/1.jpg"), is_junk("cat/1.jpg")
    (True, True, False)
    """
    return any(part.startswith(".") or part.lower() in JUNK for part in name.split("/"))


def shown(name: str) -> str:
    r"""Write a name so that it stays on one line and any terminal takes it.

    >>> print(shown("a\nb\udcff.jpg"))
    a\nb\udcff.jpg
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
