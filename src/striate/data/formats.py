"""The formats that are read, in the order in which they are tried, images last: a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from striate.data.archive import Parts, is_archive, open_archive
from striate.data.cifar import is_cifar, read_cifar
from striate.data.folder import File, Folder
from striate.data.idx import is_idx, read_idx
from striate.data.imageset import read_images
from striate.data.npz import is_npz, read_npz
from striate.data.part import SetAside
from striate.data.pool import Pool, Request
from striate.data.store import Store, shown
from striate.data.table import TABLE
from striate.data.tree import holds_classes
from striate.errors import DataError

BESIDE = "beside the archives, in none of them"


@dataclass(frozen=True)
class Format:
    """How a format is told by its files' names, and how it is read."""

    matches: Callable[[Store], bool]
    read: Callable[[Store, Request], Pool]


FORMATS = (
    Format(is_cifar, read_cifar),
    Format(is_idx, read_idx),
    Format(is_npz, read_npz),
)


def pool_path(path: Path, request: Request) -> Pool:
    """Read a folder, an archive or a file of arrays. Raises: DataError."""
    store = _open_folder(path) if path.is_dir() else _open_file(path)
    try:
        for each in FORMATS:
            if each.matches(store):
                return each.read(store, request)
        return read_images(store, request, path)
    finally:
        store.close()


def _open_folder(path: Path) -> Store:
    """List a folder; where it holds archives instead of data, open those side by side."""
    try:
        folder = Folder(path)
    except OSError as error:
        raise DataError(
            f"{path.name}: can't be listed ({error.strerror}); needed a folder that may be read."
        ) from error
    archives = [entry for entry in folder.entries if "/" not in entry.name and is_archive(entry.name)]
    if not archives or holds_classes(folder) or any(each.matches(folder) for each in FORMATS):
        return folder
    parts = Parts(folder.where, [folder.path / entry.name for entry in archives])
    beside = [SetAside(shown(e.name), BESIDE) for e in folder.entries if e not in archives]
    parts.set_aside += (*folder.set_aside, *beside)
    return parts


def _open_file(path: Path) -> Store:
    if not path.is_file():
        raise DataError(f"{path.name}: is no regular file; needed a folder, an archive or an .npz.")
    if path.name.lower() == TABLE:
        return _open_folder(path.resolve().parent)
    if path.suffix.lower() in (".npz", ".npy"):
        return File(path)
    if is_archive(path.name):
        return open_archive(path)
    raise DataError(f"{path.name}: is a single file; needed a folder, an archive (zip, tar), an .npz, or a set's name.")
