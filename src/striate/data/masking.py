"""Which mask belongs to which picture: the folders images/ and masks/ beside each other, files matched by their names.

The folder of masks may be called labels/ or annotations/ too. Both may lie below train/, val/ and test/, or have those
in them. A mask has its picture's name, with another ending; or that name with _mask, _seg, _gt or _label behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from striate.data.mask import LOSSY, MASKS
from striate.data.part import SetAside
from striate.data.pool import SIDE_NAMES, Request, Side
from striate.data.store import Entry, Store, shown
from striate.data.tree import find_medium_of

PICTURES = frozenset({"images", "image", "imgs"})
MASKED = frozenset({"masks", "mask", "labels", "annotations", "segmentations"})
NAMES = "classes.txt"
DEEPEST = 2  # folders above images/ and masks/: a wrapping one, and train/
_SUFFIX = re.compile(r"[-_ ](mask|masks|seg|segmentation|gt|label|labels)$", re.IGNORECASE)

Key = tuple[str, ...]


@dataclass(frozen=True)
class Masked:
    """A picture and its mask, and the side that their folders put them in."""

    picture: Entry
    mask: Entry
    side: Side


@dataclass(frozen=True)
class Matched:
    """All pictures that have a mask, by name; the files that are neither, and why; and the file of the classes' names.

    >>> files = [Entry(name, 1, 0, None) for name in ("images/a.jpg", "images/b.jpg", "masks/a.png")]
    >>> found = match_entries(files)
    >>> found.pairs[0].mask.name, found.set_aside
    ('masks/a.png', (SetAside(name='images/b.jpg', reason='a picture without a mask'),))
    """

    pairs: tuple[Masked, ...]
    set_aside: tuple[SetAside, ...]
    names: Entry | None = None


def holds_masks(store: Store, request: Request) -> bool:
    """Tell a source of pictures and masks: by how it was read before, else by the names of its folders."""
    if request.reading is not None:
        return "values" in request.reading
    if request.task not in (None, "segment"):
        return False
    sorted_out, _ = _sort_out(store.entries)
    above = [{place for place, _ in sorted_out[role]} for role in ("picture", "mask")]
    return bool(above[0] & above[1])


def match_entries(entries: list[Entry] | tuple[Entry, ...]) -> Matched:
    """Match every mask with its picture."""
    files, aside = _sort_out(entries)
    names = min((e for e in aside if _last(e) == NAMES), key=lambda entry: entry.name.count("/"), default=None)
    reasons = {entry.name: "in neither the folder of images nor that of masks" for entry in aside if entry is not names}
    pictures, masks = (_index(files[role], role, reasons) for role in ("picture", "mask"))
    for key in [key for key in masks if key not in pictures]:
        plain = (*key[:-1], _SUFFIX.sub("", key[-1]))
        if plain in pictures and plain not in masks:
            masks[plain] = masks.pop(key)
    reasons |= {masks[key].name: "a mask without a picture" for key in masks.keys() - pictures.keys()}
    reasons |= {pictures[key].name: "a picture without a mask" for key in pictures.keys() - masks.keys()}
    pairs = [Masked(pictures[key], masks[key], _find_side(key)) for key in pictures.keys() & masks.keys()]
    return Matched(
        tuple(sorted(pairs, key=lambda pair: pair.picture.name)),
        tuple(SetAside(shown(name), reasons[name]) for name in sorted(reasons)),
        names,
    )


def _sort_out(entries: list[Entry] | tuple[Entry, ...]) -> tuple[dict[str, list[tuple[Key, Entry]]], list[Entry]]:
    """The files of each role with the folders above its own, and those of none."""
    found: dict[str, list[tuple[Key, Entry]]] = {"picture": [], "mask": []}
    others = []
    for entry in entries:
        folders = [folder.lower() for folder in entry.name.split("/")[:-1]]
        place = next((n for n, folder in enumerate(folders) if folder in PICTURES | MASKED), DEEPEST + 1)
        role = "picture" if place < len(folders) and folders[place] in PICTURES else "mask"
        if place <= DEEPEST and _may_be(role, entry):
            found[role].append((tuple(folders[:place]), entry))
        else:
            others.append(entry)
    return found, others


def _may_be(role: str, entry: Entry) -> bool:
    if role == "picture":
        return find_medium_of(entry) in ("images", "arrays")
    return entry.name.lower().endswith((*MASKS, *LOSSY))


def _index(files: list[tuple[Key, Entry]], role: str, reasons: dict[str, str]) -> dict[Key, Entry]:
    """The files by what a picture and its mask have in common: the folders but their own, and the name."""
    found: dict[Key, Entry] = {}
    for above, entry in sorted(files, key=lambda each: each[1].name):
        parts = entry.name.split("/")
        key = (*parts[: len(above)], *parts[len(above) + 1 : -1], parts[-1].rsplit(".", 1)[0])
        if key in found:
            reasons[entry.name] = f"another {role} of this name"
        found.setdefault(key, entry)
    return found


def _find_side(key: Key) -> Side:
    """The side that a folder on the way is named for, the innermost first."""
    sides: Mapping[str, Side] = SIDE_NAMES
    return next((sides[folder.lower()] for folder in reversed(key[:-1]) if folder.lower() in sides), Side.UNSAID)


def _last(entry: Entry) -> str:
    return entry.name.lower().split("/")[-1]
