"""Single files named one by one, for a network that is already trained: read as the samples that it was trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from striate.data.clips import decode_clips
from striate.data.columns import TABLES
from striate.data.decode import decode_images
from striate.data.decoded import Decoded
from striate.data.folder import Folder, open_regular
from striate.data.numbered import Clips, bundle, order_frames
from striate.data.part import Inputs, SetAside
from striate.data.pool import Request
from striate.data.series import decode_series
from striate.data.sounding import decode_sounds
from striate.data.store import Entry, Store, shown
from striate.data.textset import SUFFIX, decode_texts
from striate.data.tree import find_medium_of
from striate.data.volumes import decode_volumes
from striate.errors import DataError

DECODERS: dict[str, Callable[[Store, Sequence[Entry], Request], Decoded]] = {
    "images": decode_images,
    "sound": decode_sounds,
    "video": decode_clips,
    "words": decode_texts,
    "series": decode_series,
    "volumes": decode_volumes,
}
ENDINGS = {"words": (SUFFIX,), "series": TABLES}  # of files that count among no medium in a folder
NOUNS = {"sound": "sound", "video": "clip", "volumes": "array", "words": "text", "series": "table"}


class _Named(Store):
    """Files by the paths that the user gave, in that order."""

    def __init__(self, paths: Sequence[str | Path], kind: str) -> None:
        self.where, self.set_aside = "files", ()
        self.entries = tuple(_make_entry(path, place, kind) for place, path in enumerate(paths))

    def open(self, entry: Entry) -> BinaryIO:
        return open_regular(entry.key)


def load_files(
    paths: Sequence[str | Path],
    *,
    extents: tuple[int, ...],
    channels: int,
    report: Callable[[int, int], None] | None = None,
    reading: Mapping[str, Any] | None = None,
) -> tuple[Inputs, list[str], tuple[SetAside, ...]]:
    """Load files at the size and channels that a network takes; without a `reading` they are images.

    Returns the samples, their names in the order given, and the files that can't be read with the reason;
    `report(done, total)` hears how far decoding is; `reading` is that of the set that the network was trained on.
    Shape: uint8 or int16 [N, channels, *extents].
    Raises: DataError where samples can't have that size.
    """
    kind = find_kind(reading)
    if kind not in DECODERS:
        raise DataError(f"files: this network was trained on {kind}, of which no single file can be read. Give arrays.")
    store = _Named(paths, kind)
    decoded = DECODERS[kind](store, store.entries, Request(tuple(extents), channels, report, reading=reading))
    return decoded.inputs, [shown(store.entries[place].name) for place in decoded.kept], decoded.set_aside


def list_files(paths: Sequence[str | Path], reading: Mapping[str, Any] | None = None) -> list[Path]:
    """Give the files that are named; in a folder's place those of the network's kind in it, at any depth, by name.

    Raises: DataError for a folder without one.
    """
    kind = find_kind(reading)
    files: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir() or (kind == "video" and _order_folder(path)):
            files.append(path)
            continue
        medium = "arrays" if kind == "volumes" else kind
        folder = Clips(Folder(path), known=True) if kind == "video" else Folder(path)
        found = sorted(path / entry.name for entry in folder.entries if _is_of(entry, medium))
        if not found:
            noun = NOUNS.get(kind, "picture")
            raise DataError(f"{path}: found no {noun} in this folder, needed at least one. Give another")
        files += found
    return files


def _is_of(entry: Entry, medium: str) -> bool:
    return entry.name.lower().endswith(ENDINGS[medium]) if medium in ENDINGS else find_medium_of(entry) == medium


def find_kind(reading: Mapping[str, Any] | None) -> str:
    """Give what a network's files hold, by how its data were read.

    >>> find_kind(None), find_kind({"kind": "video"})
    ('images', 'video')
    """
    return str((reading or {}).get("kind", "images"))


def name_sample(reading: Mapping[str, Any] | None) -> str:
    """Name one file of a network's kind, with its article.

    >>> name_sample(None), name_sample({"kind": "volumes"})
    ('a picture', 'an array')
    """
    noun = NOUNS.get(find_kind(reading), "picture")
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _make_entry(path: str | Path, place: int, kind: str) -> Entry:
    """A file; of a network of clips, a folder of numbered frames and an animated picture are bundles."""
    entry = Entry(str(path), 0, 0, Path(path).expanduser(), place)
    if kind != "video":
        return entry
    if entry.key.is_dir():
        return bundle(entry.name, _order_folder(entry.key)) if _order_folder(entry.key) else entry
    return bundle(entry.name, (entry,)) if find_medium_of(entry) == "images" else entry


def _order_folder(path: Path) -> tuple[Entry, ...]:
    """The numbered frames that lie in a folder itself."""
    entries = Folder(path).entries
    return order_frames([entry for entry in entries if "/" not in entry.name and find_medium_of(entry) == "images"])
