"""What the folders say: which file belongs to which class and side, by its path alone or by labels.csv."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from striate.data.part import SetAside
from striate.data.pool import SIDE_NAMES, Side
from striate.data.store import Bundle, Entry, Store, shown
from striate.data.table import TABLE, Table, read_table
from striate.errors import DataError

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
SOUND = (".wav", ".flac", ".ogg", ".mp3")
VIDEO = (".mp4", ".avi", ".mkv", ".webm", ".mov")
ARRAYS = (".npy", ".npz")
MEDIA = {"images": IMAGES, "sound": SOUND, "video": VIDEO, "arrays": ARRAYS}  # of as many files each, the first counts


@dataclass(frozen=True)
class Labelled:
    """An entry with its class and its side; `name` is its path below the wrapping folder, if there is one.

    Of another `task` the class is "", and `marks` are the file's labels, or the numbers of the `columns`.
    """

    entry: Entry
    name: str
    label: str
    side: Side
    task: str = "classify"
    marks: tuple[Any, ...] = ()
    columns: tuple[str, ...] = ()


def read_tree(store: Store, medium: str = "images", *, bare: bool = False) -> tuple[list[Labelled], list[SetAside]]:
    """Give the files of all classes by name, and with the reason those that belong to none or are of another medium.

    With `bare`, files without classes are samples, too: their class is "".

    Raises: DataError for an empty folder, one of other media alone, or one without classes.
    """
    strays = {entry.name: held for entry in store.entries if (held := find_medium_of(entry)) not in (medium, None)}
    aside = [SetAside(shown(name), f"{held} among {medium}") for name, held in strays.items()]
    entries = sorted((entry for entry in store.entries if entry.name not in strays), key=lambda entry: entry.name)
    _check_any(store, entries, medium, list(strays.values()))
    entries = _unwrap(entries)
    table = next((entry for entry in entries if entry.name.lower() == TABLE), None)
    if table is not None:
        said = read_table(store, table)
        found = [_mark(entry, said) for entry in entries if entry.name in said.values]
        there = {labelled.name for labelled in found}
        missing = sorted(said.values.keys() - there)
        aside += [SetAside(shown(name), f"named in {TABLE} but not there") for name in missing]
        reason = f"not named in {TABLE}"
        entries = [entry for entry in entries if entry is not table]
    else:
        found = _by_sides(entries) or _by_classes(entries, Side.UNSAID)
        reason = "in no class folder"
    if not found and bare:
        found = [Labelled(entry, entry.name, "", Side.UNSAID) for entry in entries if find_medium_of(entry) == medium]
    if not found:
        raise DataError(_no_classes(store.where, entries))
    taken = {labelled.entry.name for labelled in found}
    aside += [SetAside(shown(entry.name), reason) for entry in entries if entry.name not in taken]
    return sorted(found, key=lambda labelled: labelled.name), aside


def _mark(entry: Entry, said: Table) -> Labelled:
    """A file with what a table says of it."""
    value = said.values[entry.name]
    if isinstance(value, str):
        return Labelled(entry, entry.name, value, Side.UNSAID)
    return Labelled(entry, entry.name, "", Side.UNSAID, said.task, value, said.columns)


def holds_classes(store: Store) -> bool:
    """Tell a source of files in folders, or one with a labels.csv, by its files' names alone; arrays don't count."""
    return any(
        ("/" in entry.name and find_medium_of(entry) not in (None, "arrays"))
        or entry.name.lower().split("/")[-1] == TABLE
        for entry in store.entries
    )


def list_classes(store: Store) -> tuple[str, ...]:
    """List the class folders of a source; where it has a labels.csv, the folders and files beside that."""
    entries = _unwrap(sorted(store.entries, key=lambda entry: entry.name))
    if any(entry.name.lower() == TABLE for entry in entries):
        return tuple(entry.name for entry in entries)
    return tuple(sorted({each.label for each in _by_sides(entries) or _by_classes(entries, Side.UNSAID)}))


def find_medium(store: Store) -> str | None:
    """Tell what most files of a source hold, by the ends of their names; None where no name says it."""
    found = [find_medium_of(entry) for entry in store.entries]
    most = max(MEDIA, key=found.count)
    return most if found.count(most) else None


def find_medium_of(entry: Entry) -> str | None:
    """Tell what a file holds, by the end of its name; several files that are one sample are a clip."""
    if isinstance(entry, Bundle):
        return "video"
    return next((medium for medium, endings in MEDIA.items() if entry.name.lower().endswith(endings)), None)


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
    if not any("/" in entry.name for entry in inner) or any(find_medium_of(e) and "/" not in e.name for e in inner):
        return list(entries)
    return inner + loose


def _by_sides(entries: Sequence[Entry]) -> list[Labelled]:
    """Read train/, val/ and test/ above the class folders; [] where they are not there, or are classes themselves."""
    deep = {entry.name.split("/")[0] for entry in entries if entry.name.count("/") >= 2}
    sides = {top: SIDE_NAMES[top.lower()] for top in deep if top.lower() in SIDE_NAMES}
    others = {e.name.split("/")[0] for e in entries if "/" in e.name and find_medium_of(e)} - sides.keys()
    if not sides or (others and Side.TRAIN not in sides.values()):
        return []
    return [each for top, side in sides.items() for each in _by_classes(entries, side, top + "/")]


def _by_classes(entries: Iterable[Entry], side: Side, above: str = "") -> list[Labelled]:
    below = [(entry, entry.name.removeprefix(above)) for entry in entries if entry.name.startswith(above)]
    return [Labelled(entry, entry.name, rest.split("/")[0], side) for entry, rest in below if "/" in rest]


def _check_any(store: Store, entries: Sequence[Entry], medium: str, strays: Sequence[str | None]) -> None:
    if entries and (not strays or any(find_medium_of(entry) == medium for entry in entries)):
        return
    if strays:
        raise DataError(f"{store.where}: found {strays[0]} but no {medium}; {_NEEDED}")
    first = store.set_aside[0] if store.set_aside else None
    refused = f" {len(store.set_aside)} were refused, the first: {first.name}: {first.reason}." if first else ""
    raise DataError(f"{store.where}: found no files; {_NEEDED}{refused}")


_NEEDED = (
    "needed a folder for each class (cat/1.jpg, dog/1.jpg), with train/ and test/ above them if it is split, "
    "or a labels.csv with the columns file,label."
)


def _no_classes(where: str, entries: Sequence[Entry]) -> str:
    media = [medium for entry in entries if (medium := find_medium_of(entry))]
    found = (
        f"{len(media)} {'files of ' if media[0] in ('sound', 'video') else ''}{media[0]}"
        if media
        else f"{len(entries)} files, {shown(entries[0].name)} among them,"
        if entries
        else "none"
    )
    return f"{where}: found {found} but no class folders; {_NEEDED}"
