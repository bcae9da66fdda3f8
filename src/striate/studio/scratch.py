"""A folder of the studio's own in the system's temporary one: made when it is first needed, gone when the studio is."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock


class Scratch:
    """A folder that only this user can read.

    >>> scratch = Scratch("striate-")
    >>> scratch.folder.is_dir(), scratch.folder == scratch.folder
    (True, True)
    >>> scratch.close()
    """

    def __init__(self, prefix: str) -> None:
        """Make nothing yet."""
        self._prefix, self._lock = prefix, Lock()
        self._made: TemporaryDirectory[str] | None = None

    @property
    def folder(self) -> Path:
        """The folder, one for all threads."""
        with self._lock:
            if self._made is None:
                self._made = TemporaryDirectory(prefix=self._prefix, ignore_cleanup_errors=True)
            return Path(self._made.name)

    def close(self) -> None:
        """Remove it with all that is in it."""
        with self._lock:
            if self._made is not None:
                self._made.cleanup()
