"""Files that the studio wrote to be taken away, each under a handle, in a folder that goes when the studio does."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from striate.studio.scratch import Scratch

MOST_KEPT = 12


@dataclass(frozen=True)
class Download:
    """A file, and the name under which it is taken away."""

    path: Path
    name: str


class Downloads:
    """The files of one studio."""

    def __init__(self) -> None:
        """Nothing is made before the first one."""
        self._scratch = Scratch("striate-taken-")

    def make_room(self) -> Path:
        """Make an empty folder for the files of one download."""
        room = self._scratch.folder / token_hex(16)
        room.mkdir(mode=0o700)
        return room

    def forget(self, download: Download) -> None:
        """Remove a download's folder."""
        shutil.rmtree(download.path.parent, ignore_errors=True)

    def close(self) -> None:
        """Remove them all."""
        self._scratch.close()
