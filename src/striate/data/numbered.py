"""Which pictures are frames: numbered ones in a folder of their own are one clip, an animated gif is one by itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import BinaryIO

import numpy as np

from striate.data.animation import is_animated
from striate.data.pool import SIDE_NAMES
from striate.data.store import Bundle, Entry, Store
from striate.data.table import TABLE
from striate.data.tree import find_medium_of

FEWEST_FRAMES = 3
_LOOKED_AT = 16
_NUMBERED = re.compile(r"(.*?)(\d+)(\.[a-z]+)")


class Clips(Store):
    """A store in which the frames of a clip stand as one entry, named by their folder, and so does each gif."""

    def __init__(self, store: Store, *, known: bool = False) -> None:
        """Bundle what the names of `store` tell to be frames; where they are `known` to be, in any folder."""
        self.store, self.where, self.set_aside = store, store.where, store.set_aside
        folders = find_frame_folders(store, known=known)
        taken = {frame.name for frames in folders.values() for frame in frames}
        rest = [bundle(e.name, (e,)) if e.name.lower().endswith(".gif") else e for e in store.entries]
        bundles = [bundle(name, frames) for name, frames in folders.items()]
        self.entries = (*bundles, *(entry for entry in rest if entry.name not in taken))

    def open(self, entry: Entry) -> BinaryIO:
        """Open one file of the store beneath."""
        return self.store.open(entry)


def holds_frames(store: Store) -> bool:
    """Tell pictures that are clips: all of them numbered frames, or most of them animated gifs."""
    pictures = [entry for entry in store.entries if find_medium_of(entry) == "images"]
    if not pictures:
        return False
    framed = sum(map(len, find_frame_folders(store).values()))
    gifs = [entry for entry in pictures if entry.name.lower().endswith(".gif")]
    return framed == len(pictures) or (2 * len(gifs) > len(pictures) and _are_animated(store, gifs))


def find_frame_folders(store: Store, *, known: bool = False) -> dict[str, tuple[Entry, ...]]:
    """Find the folders of numbered frames: `class/clip/0001.png` and on, or those that labels.csv names.

    The pictures of such a folder differ in one number alone, which goes up in even steps. Class folders are none, so
    the folder lies in another one below train/, val/ or test/ and below one that wraps all; any will do where pictures
    are `known` to be frames.
    """
    folders = defaultdict(list)
    for entry in store.entries:
        if find_medium_of(entry) == "images" and "/" in entry.name:
            folders[entry.name.rsplit("/", 1)[0]].append(entry)
    table = next((entry for entry in store.entries if entry.name.lower().split("/")[-1] == TABLE), None)
    if table is None:
        named = set(folders if known else _below_classes(list(folders)))
    else:
        text = store.read(table).decode("utf-8", "replace").replace("\\", "/")
        above = table.name[: -len(TABLE)]
        named = {
            folder for folder, (first, *_) in folders.items()
            if folder.removeprefix(above) in text and first.name.removeprefix(above) not in text
        }  # fmt: skip
    return {name: frames for name in sorted(named) if (frames := order_frames(folders[name]))}


def order_frames(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Order files by the one number in which their names differ; () where they are no frames: a gif is a clip itself.

    >>> [e.name for e in order_frames([Entry(f"walk/f{n}.png", 1, 1, None) for n in (10, 8, 9)])]
    ['walk/f8.png', 'walk/f9.png', 'walk/f10.png']
    """
    found = [_NUMBERED.fullmatch(entry.name.rsplit("/", 1)[-1].lower()) for entry in entries]
    parts = [match.groups() for match in found if match and match[3] != ".gif"]
    if len(parts) != len(entries) or len(entries) < FEWEST_FRAMES or len({(stem, end) for stem, _, end in parts}) > 1:
        return ()
    numbered = sorted(zip((int(number) for _, number, _ in parts), entries, strict=True), key=lambda pair: pair[0])
    steps = {after[0] - before[0] for before, after in pairwise(numbered)}
    return tuple(entry for _, entry in numbered) if len(steps) == 1 and 0 not in steps else ()


def _below_classes(folders: Sequence[str]) -> list[str]:
    """Those folders that lie in a class folder."""
    tops = {folder.split("/")[0] for folder in folders}
    wrapped = len(tops) == 1 and not {top.lower() for top in tops} & SIDE_NAMES.keys()
    kept = []
    for folder in folders:
        above = folder.split("/")[wrapped:]
        if above and above[0].lower() in SIDE_NAMES:
            above = above[1:]
        if len(above) > 1:
            kept.append(folder)
    return kept


def _are_animated(store: Store, gifs: Sequence[Entry]) -> bool:
    """Look into some of them, spread over all: most move."""
    looked = [gifs[place] for place in np.unique(np.linspace(0, len(gifs) - 1, _LOOKED_AT).astype(int))]
    moving = 0
    for entry in looked:
        try:
            with store.open(entry) as stream:
                moving += is_animated(stream)
        except OSError:
            continue
    return 2 * moving > len(looked)


def bundle(name: str, parts: tuple[Entry, ...]) -> Bundle:
    return Bundle(
        name=name,
        bytes=sum(part.bytes for part in parts),
        changed_ns=max(part.changed_ns for part in parts),
        key=None,
        place=min(part.place for part in parts),
        parts=parts,
    )
