"""What can be trained on: the named sets that are on this machine, and what lies below the studio's own folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAMES = ("digits", "mnist", "fashion-mnist", "cifar10", "fsdd")
FILES = (".npz", ".csv", ".tsv", ".zip", ".tar", ".tar.gz", ".tgz")
MOST, DEPTH = 200, 2
_OUR_OWN = ("runs",)


@dataclass(frozen=True)
class Source:
    """A set by its name, or a folder or file by its path; `name` is what the page shows."""

    name: str
    path: Path | None = None

    @property
    def argument(self) -> str:
        """What `striate train` is told. A folder beside it may have a named set's name, so a path is whole."""
        return self.name if self.path is None else str(self.path)


def list_sources(folder: Path) -> list[Source]:
    """Name what can be trained on, named sets first; of folders and files at most 200, two levels deep.

    Links are not followed, so nothing outside the folder is offered.
    """
    named = [Source(name) for name in NAMES if is_here(name)]
    found: list[Source] = []
    root = folder.resolve()
    for path in _walk(root, DEPTH):
        found.append(Source(path.relative_to(root).as_posix() + ("/" if path.is_dir() else ""), path))
        if len(found) >= MOST:
            break
    itself = [Source(f"{root.name or '/'}/ (the whole folder)", root)] if found else []
    return named + itself + found


def is_here(name: str) -> bool:
    """Whether a named set needs no download."""
    return name == "digits" or find_here(name) is not None


def find_here(name: str) -> Path | None:
    """The folder of a named set that needs no download; digits, which come with a package, have none."""
    from platformdirs import user_cache_path

    cache = os.environ.get("STRIATE_CACHE") or user_cache_path("striate")
    homes = [os.environ.get("STRIATE_DATA"), Path(cache) / "named"]
    found = (Path(home) / name for home in homes if home)
    return next((path for path in found if path.is_dir()), None)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """Folders and data files below a folder, each folder before what is in it."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _OUR_OWN or entry.is_symlink():
            continue
        if entry.is_dir():
            yield Path(entry.path)
            if depth > 1:
                yield from _walk(Path(entry.path), depth - 1)
        elif entry.name.lower().endswith(FILES):
            yield Path(entry.path)
