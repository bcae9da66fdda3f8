"""What the folders say: which file belongs to which class and side, by its path alone or by labels.csv."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from striate.data.names import NO_SOUND
from striate.data.part import SetAside
from striate.data.pool import SIDE_NAMES, Side
from striate.data.store import Entry, Store, shown
from striate.data.table import TABLE, read_table
from striate.errors import DataError

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
SOUND = (".wav", ".flac", ".ogg", ".mp3")
VIDEO = (".mp4", ".avi", ".mkv", ".webm", ".mov")


@dataclass(frozen=True)
class Labelled:
    """An entry with its class and its side; `name` is its path below the wrapping folder, if there is one."""

    entry: Entry
    name: str
    label: str
    side: Side


def read_tree(store: Store) -> tuple[list[Labelled], list[SetAside]]:
    """Give the files of all classes by name, and those that belong to none with the reason.

    Raises: DataError for an empty folder, one of sound or video alone, or one without classes.
    """
    aside = [SetAside(shown(e.name), _recorded(e.name)) for e in store.entries if _recorded(e.name)]
    entries = sorted((e for e in store.entries if not _recorded(e.name)), key=lambda e: e.name)
    _check_any(store, entries, aside)
    entries = _unwrap(entries)
    table = next((entry for entry in entries if entry.name.lower() == TABLE), None)
    if table is not None:
        labels = read_table(store, table)
        found = [Labelled(e, e.name, labels.pop(e.name), Side.UNSAID) for e in entries if e.name in labels]
        aside += [SetAside(shown(name), f"named in {TABLE} but not there") for name in sorted(labels)]
        reason = f"not named in {TABLE}"
        entries = [entry for entry in entries if entry is not table]
    else:
        found = _by_sides(entries) or _by_classes(entries, Side.UNSAID)
        reason = "in no class folder"
    if not found:
        raise DataError(_no_classes(store.where, entries))
    taken = {labelled.entry.name for labelled in found}
    aside += [SetAside(shown(entry.name), reason) for entry in entries if entry.name not in taken]
    return sorted(found, key=lambda labelled: labelled.name), aside


def holds_classes(store: Store) -> bool:
    """Tell a source of images in folders, or one with a labels.csv, by its files' names alone."""
    return any(
        ("/" in entry.name and _is_image(entry.name)) or entry.name.lower().split("/")[-1] == TABLE
        for entry in store.entries
    )


def _unwrap(entries: Sequence[Entry]) -> list[Entry]:
    """Take one wrapping folder off: a folder that alone holds folders, and no image of its own."""
    tops = {entry.name.split("/")[0] for entry in entries if "/" in entry.name}
    if len(tops) != 1 or {top.lower() for top in tops} & SIDE_NAMES.keys():
        return list(entries)
    top = tops.pop() + "/"
    inner = [replace(e, name=e.name.removeprefix(top)) for e in entries if e.name.startswith(top)]
    loose = [entry for entry in entries if "/" not in entry.name]
    if any(entry.name.lower() == TABLE for entry in loose):
        return list(entries)
    if any(entry.name.lower() == TABLE for entry in inner):
        return inner + loose
    if not any("/" in entry.name for entry in inner) or any(_is_image(e.name) and "/" not in e.name for e in inner):
        return list(entries)
    return inner + loose


def _by_sides(entries: Sequence[Entry]) -> list[Labelled]:
    """Read train/, val/ and test/ above the class folders; [] where they are not there, or are classes themselves."""
    deep = {entry.name.split("/")[0] for entry in entries if entry.name.count("/") >= 2}
    sides = {top: SIDE_NAMES[top.lower()] for top in deep if top.lower() in SIDE_NAMES}
    others = {e.name.split("/")[0] for e in entries if "/" in e.name and _is_image(e.name)} - sides.keys()
    if not sides or (others and Side.TRAIN not in sides.values()):
        return []
    return [each for top, side in sides.items() for each in _by_classes(entries, side, top + "/")]


def _by_classes(entries: Iterable[Entry], side: Side, above: str = "") -> list[Labelled]:
    below = [(entry, entry.name.removeprefix(above)) for entry in entries if entry.name.startswith(above)]
    return [Labelled(entry, entry.name, rest.split("/")[0], side) for entry, rest in below if "/" in rest]


def _recorded(name: str) -> str:
    """Say why a recording is set aside; "" for any other file."""
    kind = "sound" if name.lower().endswith(SOUND) else "video" if name.lower().endswith(VIDEO) else ""
    return kind and f"{kind} isn't read yet by this version"


def _check_any(store: Store, entries: Sequence[Entry], aside: Sequence[SetAside]) -> None:
    if entries and (not aside or any(_is_image(entry.name) for entry in entries)):
        return
    if aside:
        raise DataError(
            f"{store.where}: {NO_SOUND if 'sound' in aside[0].reason else NO_SOUND.replace('sound', 'video')}"
        )
    first = store.set_aside[0] if store.set_aside else None
    refused = f" {len(store.set_aside)} were refused, the first: {first.name}: {first.reason}." if first else ""
    raise DataError(f"{store.where}: found no files; {_NEEDED}{refused}")


_NEEDED = (
    "needed a folder for each class (cat/1.jpg, dog/1.jpg), with train/ and test/ above them if it is split, "
    "or a labels.csv with the columns file,label."
)


def _no_classes(where: str, entries: Sequence[Entry]) -> str:
    images = sum(_is_image(entry.name) for entry in entries)
    found = (
        f"{images} images"
        if images
        else f"{len(entries)} files, {shown(entries[0].name)} among them,"
        if entries
        else "none"
    )
    return f"{where}: found {found} but no class folders; {_NEEDED}"


def _is_image(name: str) -> bool:
    return name.lower().endswith(IMAGES)
