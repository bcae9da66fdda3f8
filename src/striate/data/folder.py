"""A folder's files, listed without following a link out of it and without opening what is no regular file."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from striate.data.part import SetAside
from striate.data.store import Entry, Store, is_junk, shown

DEEPEST = 64
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def open_regular(path: str | Path) -> BinaryIO:
    """Open a regular file for reading, and nothing else: a pipe or device is never waited for. Raises: OSError."""
    number = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError("not a regular file")
    return os.fdopen(number, "rb")


class File(Store):
    """One regular file as a store of one entry."""

    def __init__(self, path: Path) -> None:
        """Look at the file. Raises: OSError."""
        state = path.stat()
        self.where, self.set_aside = path.name, ()
        self.entries = (Entry(path.name, state.st_size, state.st_mtime_ns, str(path)),)

    def open(self, entry: Entry) -> BinaryIO:
        """Open the file."""
        return open_regular(entry.key)


class Folder(Store):
    """The regular files below a folder, by name. Links are followed only where they stay inside it."""

    def __init__(self, path: Path) -> None:
        """List the folder. Raises: OSError where the folder itself can't be listed."""
        self.path = path.resolve()
        self.where = self.path.name or str(path)
        self._entries: list[Entry] = []
        self._aside: list[SetAside] = []
        self._linked: set[Path] = set()
        with os.scandir(self.path):
            pass
        self._walk(self.path, "", (self.path,))
        self.entries = tuple(sorted(self._entries, key=lambda entry: entry.name))
        self.set_aside = tuple(sorted(self._aside, key=lambda aside: aside.name))

    def open(self, entry: Entry) -> BinaryIO:
        """Open a file; a pipe or device put in its place since the listing is refused, and never waited for."""
        return open_regular(entry.key)

    def _walk(self, folder: Path, prefix: str, above: tuple[Path, ...]) -> None:
        try:
            with os.scandir(folder) as listing:
                found = sorted(listing, key=lambda item: item.name)
        except OSError as error:
            self._set_aside(prefix, f"can't be listed ({error.strerror})")
            return
        for item in found:
            if not is_junk(item.name):
                self._take(item, prefix + item.name, above)

    def _take(self, item: os.DirEntry[str], name: str, above: tuple[Path, ...]) -> None:
        """Sort one item into entries, folders to walk, and what is set aside."""
        try:
            state = item.stat()
            target = Path(os.path.realpath(item.path)) if item.is_symlink() else Path(item.path)
        except OSError as error:
            self._set_aside(
                name, f"a link that leads nowhere ({error.strerror})" if item.is_symlink() else str(error.strerror)
            )
            return
        if item.is_symlink() and self.path not in target.parents:
            back = target == self.path
            self._set_aside(name, "a link back to its own folder" if back else "a link that leaves the folder")
        elif stat.S_ISDIR(state.st_mode):
            self._enter(item, name, target, above)
        elif stat.S_ISREG(state.st_mode):
            self._entries.append(Entry(name, state.st_size, state.st_mtime_ns, item.path))
        else:
            self._set_aside(name, "not a regular file (a pipe, socket or device)")

    def _enter(self, item: os.DirEntry[str], name: str, target: Path, above: tuple[Path, ...]) -> None:
        """Walk a folder once, and at most once more through a link: else links could multiply without end."""
        if len(above) > DEEPEST:
            self._set_aside(name, f"more than {DEEPEST} folders deep")
        elif target in above:
            self._set_aside(name, "a link back to its own folder")
        elif item.is_symlink() and target in self._linked:
            self._set_aside(name, "a second link to the same folder")
        else:
            if item.is_symlink():
                self._linked.add(target)
            self._walk(Path(item.path), name + "/", (*above, target))

    def _set_aside(self, name: str, reason: str) -> None:
        self._aside.append(SetAside(shown(name), reason))
