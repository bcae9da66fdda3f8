"""Single files named one by one, for a network that is already trained: every sample of the size that it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from striate.data.decode import decode_images
from striate.data.folder import open_regular
from striate.data.part import Bytes, SetAside
from striate.data.pool import Request
from striate.data.store import Entry, Store, shown


class _Named(Store):
    """Files by the paths that the user gave, in that order."""

    def __init__(self, paths: Sequence[str | Path]) -> None:
        self.where, self.set_aside = "files", ()
        self.entries = tuple(Entry(str(path), 0, 0, Path(path).expanduser(), place) for place, path in enumerate(paths))

    def open(self, entry: Entry) -> BinaryIO:
        return open_regular(entry.key)


def load_files(
    paths: Sequence[str | Path],
    *,
    extents: tuple[int, ...],
    channels: int,
    report: Callable[[int, int], None] | None = None,
) -> tuple[Bytes, list[str], tuple[SetAside, ...]]:
    """Load image files at the size and channels that a network takes.

    Returns the samples, their names in the order given, and the files that can't be read with the reason;
    `report(done, total)` hears how far decoding is.
    Shape: uint8 [N, channels, *extents].
    Raises: DataError where images can't have that size.
    """
    store = _Named(paths)
    decoded = decode_images(store, store.entries, Request(tuple(extents), channels, report))
    return decoded.inputs, [shown(store.entries[place].name) for place in decoded.kept], decoded.set_aside
