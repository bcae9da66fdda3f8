"""Pictures and masks, in a folder or an archive: matched, both brought to one size, the masks as class numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from striate.data.cache import key_of, recall_or_decode
from striate.data.cellclasses import CellClasses, read_names, settle_classes
from striate.data.decode import decode_images
from striate.data.decoded import Decoded
from striate.data.images import read_header
from striate.data.masking import Masked, Matched, match_entries
from striate.data.masks import decode_masks
from striate.data.part import Integers, SetAside
from striate.data.pool import Pool, Request, Side
from striate.data.store import Entry, Store, shown
from striate.data.tree import find_medium_of
from striate.data.volume import read_volume
from striate.data.volumes import decode_volumes
from striate.data.volumeset import describe_values
from striate.errors import DataError


def read_masks(store: Store, request: Request, source: Path) -> Pool:
    """Read pictures (or arrays) and their masks, from the cache where they have been read before.

    Shape: labels uint8 [N, *extents], class numbers, 255 where nothing is judged.
    Raises: DataError where no picture has a mask, or the masks know fewer than two classes.
    """
    found = match_entries(store.entries)
    kind = _find_kind([pair.picture for pair in found.pairs], request)
    pairs = [pair for pair in found.pairs if (find_medium_of(pair.picture) == "arrays") == (kind == "volumes")]
    odd = [SetAside(shown(pair.picture.name), f"not of the {kind}") for pair in found.pairs if pair not in pairs]
    if not pairs:
        first = f" The first of {len(found.set_aside)} files: {_tell(found.set_aside[0])}." if found.set_aside else ""
        raise DataError(f"{store.where}: found no picture with a mask; needed images/a.jpg with masks/a.png.{first}")
    decoded = _decode_pictures(store, pairs, request, source, kind)
    seen = [pairs[int(place)] for place in decoded.kept]
    masks = _decode_masks(store, seen, decoded, request, source, kind)
    aside = (*store.set_aside, *found.set_aside, *odd, *decoded.set_aside, *masks.set_aside)
    if not len(masks.kept):
        first = _tell(sorted(aside, key=_name)[0]) if not masks.set_aside else _tell(masks.set_aside[0])
        raise DataError(f"{store.where}: found no mask that can be used; the first: {first}.")
    classes = _settle(store, found, masks, request)
    strange = [classes.find_strange(numbers) for numbers in masks.about["numbers"]]
    good = np.flatnonzero([each is None for each in strange])
    aside += tuple(
        SetAside(shown(seen[int(row)].mask.name), f"number {value} in it, of which there is no class")
        for row, value in zip(masks.kept, strange, strict=True)
        if value is not None
    )
    return _compose(decoded, masks, seen, good, classes, kind, tuple(sorted(aside, key=_name)))


def _compose(
    decoded: Decoded,
    masks: Decoded,
    seen: Sequence[Masked],
    good: Integers,
    classes: CellClasses,
    kind: Any,
    aside: tuple[SetAside, ...],
) -> Pool:
    """The pool of what has both halves; `good` are places among the masks that are kept."""
    rows = masks.kept[good]
    whole = len(rows) == len(decoded.inputs)
    kept = [seen[int(row)] for row in rows]
    arrays = kind == "volumes"
    return Pool(
        inputs=decoded.inputs if whole else decoded.inputs[rows],
        labels=classes.number(masks.inputs[:, 0] if len(good) == len(masks.inputs) else masks.inputs[good, 0]),
        names=[shown(pair.picture.name) for pair in kept],
        sides=np.array([pair.side for pair in kept], np.int8),
        classes=classes.names,
        kind=kind,
        smallest=decoded.smallest,
        largest=decoded.largest,
        set_aside=aside,
        notes=describe_values(decoded.about) if arrays else (),
        value_range=(decoded.about["low"], decoded.about["high"]) if arrays and not decoded.about["in_bytes"] else None,
        hashes=decoded.hashes if whole else decoded.hashes[rows],
        moments=decoded.moments if whole else decoded.moments[rows],
        task="segment",
        reading={
            "kind": kind,
            "values": list(classes.values),
            "names": list(classes.names),
            **(decoded.about if arrays else {}),
        },
    )


def _find_kind(pictures: Sequence[Entry], request: Request) -> Any:
    """Images, or arrays where most are."""
    if request.reading is not None:
        return request.reading["kind"]
    arrays = sum(find_medium_of(entry) == "arrays" for entry in pictures)
    return "volumes" if 2 * arrays > len(pictures) else "images"


def _decode_pictures(store: Store, pairs: Sequence[Masked], request: Request, source: Path, kind: str) -> Decoded:
    entries = [pair.picture for pair in pairs]
    if kind == "images":
        key = key_of(source, entries, request, "pictures with masks")
        return recall_or_decode(key, lambda allocate: decode_images(store, entries, request, allocate))
    trained = [pair.side in (Side.UNSAID, Side.TRAIN) for pair in pairs]
    key = key_of(source, entries, request, f"volumes with masks {request.reading and dict(request.reading)}")
    return recall_or_decode(key, lambda allocate: decode_volumes(store, entries, request, allocate, trained))


def _decode_masks(
    store: Store, pairs: Sequence[Masked], pictures: Decoded, request: Request, source: Path, kind: str
) -> Decoded:
    extents, images = tuple(pictures.inputs.shape[2:]), kind == "images"
    axis = None if images else pictures.about["axis"]

    def measure(entry: Entry) -> tuple[int, ...]:
        if images:
            with store.open(entry) as stream:
                header = read_header(stream)
            return header.height, header.width
        shape = read_volume(store, entry).shape
        return shape if axis is None else shape[1:] if axis == 0 else shape[:-1]

    entries = [entry for pair in pairs for entry in (pair.picture, pair.mask)]
    key = key_of(source, entries, replace(request, extents=extents, channels=1), f"masks {kind} {axis}")
    return recall_or_decode(
        key, lambda allocate: decode_masks(store, pairs, extents, request, measure, allocate, scaled=images)
    )


def _settle(store: Store, found: Matched, masks: Decoded, request: Request) -> CellClasses:
    """The classes of another set that is read in the same way, those that classes.txt names, or what the masks hold."""
    if request.reading is not None:
        return CellClasses(tuple(request.reading["values"]), tuple(request.reading["names"]))
    names = None
    if found.names is not None:
        where = f"{store.where}: {shown(found.names.name)}"
        names = read_names(store.read(found.names).decode("utf-8", "replace"), where)
    return settle_classes(masks.about["cells"], names, store.where)


def _tell(aside: SetAside) -> str:
    return f"{aside.name}: {aside.reason}"


def _name(aside: SetAside) -> str:
    return aside.name
