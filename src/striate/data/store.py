"""Where a source's files lie: a list of entries and a way to open each, the same for folders and archives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, BinaryIO

from striate.data.part import SetAside
from striate.errors import DataError

JUNK = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Entry:
    """One regular file: its name below the source ('/' between folders), its bytes, and its time of change.

    `key` is how its store finds it, `place` when to read it: files in the order of their places cost least.
    """

    name: str
    bytes: int
    changed_ns: int
    key: Any
    place: int = 0


@dataclass(frozen=True)
class Bundle(Entry):
    """Several files that are one sample, such as a clip's numbered frames, in their order; named by their folder."""

    parts: tuple[Entry, ...] = ()


class Store(ABC):
    """A source's files, and what was refused among them."""

    where: str
    entries: tuple[Entry, ...]
    set_aside: tuple[SetAside, ...]

    @abstractmethod
    def open(self, entry: Entry) -> BinaryIO:
        """Open one entry for reading, from the start. Raises: OSError where it can't be read."""

    def close(self) -> None:  # noqa: B027  (a folder has nothing to close)
        """Let go of what the store holds open."""

    def read(self, entry: Entry) -> bytes:
        """Read a whole entry. Raises: DataError where it can't be read."""
        try:
            with self.open(entry) as stream:
                return stream.read()
        except OSError as error:
            reason = error.strerror or str(error)
            raise DataError(f"{self.where}: {shown(entry.name)} can't be read ({reason}). Check the file.") from error


def is_junk(name: str) -> bool:
    """Tell files that systems leave behind, and hidden ones: they are passed over in silence.

    >>> is_junk("cat/.DS_Store"), is_junk("__MACOSX/cat/1.jpg"), is_junk("cat/1.jpg")
    (True, True, False)
    """
    return any((part.startswith(".") and part not in (".", "..")) or part.lower() in JUNK for part in name.split("/"))


def shown(name: str) -> str:
    r"""Write a name so that it stays on one line and any terminal takes it.

    >>> print(shown("a\nb\udcff.jpg"))
    a\nb\udcff.jpg
    """
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
