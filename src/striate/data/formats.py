"""The formats that are read, in the order in which they are tried, images last: a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from striate.data.archive import Parts, is_archive, open_archive
from striate.data.cifar import is_cifar, read_cifar
from striate.data.clipset import holds_clips, read_clips
from striate.data.columns import TABLES
from striate.data.folder import File, Folder
from striate.data.groups import read_groups
from striate.data.idx import is_idx, read_idx
from striate.data.imageset import read_images
from striate.data.masking import holds_masks
from striate.data.maskset import read_masks
from striate.data.npz import is_npz, read_npz
from striate.data.pairs import is_pairs
from striate.data.pairset import read_pairs
from striate.data.part import SetAside
from striate.data.pool import Pool, Request
from striate.data.series import is_series, read_series
from striate.data.soundset import is_sounds, read_sounds
from striate.data.store import Store, shown
from striate.data.table import TABLE
from striate.data.textset import is_texts, read_texts
from striate.data.texttable import is_text_table, read_text_table
from striate.data.tree import holds_classes
from striate.data.volumeset import holds_volumes, read_volumes
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


@dataclass(frozen=True)
class Medium:
    """How a source of one medium, a sample a file, is told, and how it is read; its path names what the cache keeps."""

    matches: Callable[[Store, Request], bool]
    read: Callable[[Store, Request, Path], Pool]


MEDIA_FORMATS: tuple[Medium, ...] = (
    Medium(is_pairs, read_pairs),
    Medium(holds_masks, read_masks),
    Medium(holds_clips, read_clips),
    Medium(holds_volumes, read_volumes),
    Medium(is_sounds, read_sounds),
    Medium(is_text_table, read_text_table),
    Medium(is_texts, read_texts),
    Medium(is_series, read_series),
)


def pool_path(path: Path, request: Request) -> Pool:
    """Read a folder, an archive or a file of arrays. Raises: DataError."""
    store = open_store(path)
    try:
        pool = _pool_store(store, path, request)
        groups = read_groups(store) if pool.groups is None else {}
        return replace(pool, groups=[groups.get(name, name) for name in pool.names]) if groups else pool
    finally:
        store.close()


def open_store(path: Path) -> Store:
    """Open a folder, an archive or a file. Raises: DataError."""
    return _open_folder(path) if path.is_dir() else _open_file(path)


def _pool_store(store: Store, path: Path, request: Request) -> Pool:
    for each in FORMATS:
        if each.matches(store):
            return each.read(store, request)
    for medium in MEDIA_FORMATS:
        if medium.matches(store, request):
            return medium.read(store, request, path)
    return read_images(store, request, path)


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
    if path.suffix.lower() in (".npz", ".npy", *TABLES):
        return File(path)
    if is_archive(path.name):
        return open_archive(path)
    raise DataError(f"{path.name}: is a single file; needed a folder, an archive (zip, tar), an .npz, or a set's name.")
