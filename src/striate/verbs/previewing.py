"""preview: what a data set seems to hold, by its files' names and a few of its samples, before it is read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from striate.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from striate.data.pool import Pool
    from striate.data.store import Store
    from striate.data.tree import Labelled

MOST_FILES = 50_000
MOST_BYTES = 64 << 20  # of files that hold many samples each, to be read whole
MOST_SHOWN, MOST_NAMED = 10, 8
MOST_PIXELS = 40_000_000
SIDE = 64


@dataclass(frozen=True, eq=False)
class Preview:
    """What there is to say of a set, a fact each, and `samples`: names of classes with pictures [channels, H, W]."""

    facts: tuple[str, ...]
    samples: tuple[tuple[str, NDArray[Any]], ...] = field(default=(), repr=False)


def preview(source: str | Path, name: str = "") -> Preview:
    """Look at a folder, an archive or a file, or at "digits", without reading all of it; `name` is a named set's.

    Raises:  DataError for what can't be read, or holds too many files to look through.

    >>> preview("digits").facts[:2]
    ('1,797 pictures of 1x8x8', '10 classes: 0, 1, 2, 3, 4, 5, 6, 7, ... (174 to 183 each)')
    """
    from striate.data.formats import FORMATS, open_store
    from striate.data.names import NAMED, read_digits
    from striate.data.pool import Request

    if str(source) == "digits":
        return _look_at_pool(read_digits(Request()))
    path, named = Path(source), NAMED.get(name)
    _check_size(path)
    store = open_store(path)
    try:
        whole = next((each for each in FORMATS if each.matches(store)), None)
        if whole is None:
            return _look_at_files(store, named is None or name == "cifar10")
        if sum(entry.bytes for entry in store.entries) > MOST_BYTES:
            return Preview((_count_files(store), "too large to be read before the training"))
        pool = whole.read(store, Request())
        return _look_at_pool(replace(pool, classes=named.classes) if named else pool)
    finally:
        store.close()


def _check_size(path: Path) -> None:
    """Refuse a folder of which the names alone would take long."""
    files = (1 for _, _, names in os.walk(path) for _ in names)
    if sum(islice(files, MOST_FILES + 1)) > MOST_FILES:
        raise DataError(f"more than {MOST_FILES:,} files: they are looked through when the training starts")


def _look_at_pool(pool: Pool) -> Preview:
    """A set that is read: its size, classes and parts, and a picture of each class."""
    import numpy as np

    shape = "x".join(map(str, pool.inputs.shape[1:]))
    word = "pictures" if pool.kind == "images" else "samples"
    facts = [f"{len(pool.inputs):,} {word} of {shape}"]
    labels = np.asarray(pool.labels)
    if pool.task != "classify" or labels.ndim != 1:
        return Preview((*facts, *_name_parts([int(side) for side in pool.sides])))
    counts = np.bincount(labels, minlength=len(pool.classes)).tolist()
    facts += [_name_classes(dict(zip(pool.classes, counts, strict=True)))]
    facts += _name_parts([int(side) for side in pool.sides])
    return Preview(tuple(facts), tuple(_pick(pool, labels)) if pool.kind == "images" else ())


def _pick(pool: Pool, labels: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    """The first picture of each class."""
    import numpy as np

    for number, name in islice(enumerate(pool.classes), MOST_SHOWN):
        places = np.flatnonzero(labels == number)[:1]
        if len(places):
            yield name, np.asarray(pool.inputs[places[0]], np.float32) / 255


def _look_at_files(store: Store, by_folders: bool) -> Preview:
    """A set of a file each: what their names say, and the first picture of each class."""
    from striate.data.tree import find_medium, holds_classes, read_tree

    medium = find_medium(store)
    if medium is None or not holds_classes(store):
        return Preview((_count_files(store), "classes aren't told by folders"))
    files, aside = read_tree(store, medium)
    facts = [f"{len(files):,} {'pictures' if medium == 'images' else f'files of {medium}'}"]
    if not by_folders:
        return Preview((*facts, "classes are told by the files' names"))
    if any(each.label for each in files):
        facts.append(_name_classes(Counter(each.label for each in files)))
    facts += _name_parts([int(each.side) for each in files])
    if aside:
        facts.append(f"{len(aside):,} other files are left out")
    pictures, sizes = _decode_some(store, files) if medium == "images" else ([], "")
    return Preview((*facts, sizes) if sizes else tuple(facts), tuple(pictures))


def _decode_some(store: Store, files: Sequence[Labelled]) -> tuple[list[tuple[str, NDArray[Any]]], str]:
    """The first picture of each class, brought down; and the size of the first of them."""
    first: dict[str, Labelled] = {}
    for each in files:
        first.setdefault(each.label, each)
    found, size = [], ""
    for label, each in islice(first.items(), MOST_SHOWN):
        decoded = _decode(store, each)
        if decoded is not None:
            found.append((label or each.name.rsplit("/", 1)[-1], decoded[0]))
            size = size or f"the first is {decoded[1]}"
    return found, size


def _decode(store: Store, labelled: Labelled) -> tuple[NDArray[Any], str] | None:
    """One picture as [channels, H, W] from 0 to 1, at most 64 along an axis, and its size; None where it can't be."""
    from io import BytesIO

    import numpy as np

    from striate.data.images import decode_image, read_header

    try:
        content = store.read(labelled.entry)
        header = read_header(BytesIO(content))
        if header.height * header.width > MOST_PIXELS:
            return None
        scale = min(1.0, SIDE / max(header.height, header.width))
        extents = (max(1, round(header.height * scale)), max(1, round(header.width * scale)))
        pixels, _ = decode_image(content, extents, 1 if header.grey else 3)
    except Exception:  # decoders raise almost anything on damaged files; the training will name them
        return None
    return np.asarray(pixels, np.float32) / 255, f"{1 if header.grey else 3}x{header.height}x{header.width}"


def _name_classes(counts: dict[str, int] | Counter[str]) -> str:
    """The classes and how many samples each has: all the same, or from the fewest to the most."""
    names = list(counts)
    shown = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    low, high = min(counts.values(), default=0), max(counts.values(), default=0)
    each = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{len(names)} {'class' if len(names) == 1 else 'classes'}: {shown} ({each} each)"


def _name_parts(sides: Sequence[int]) -> list[str]:
    """How the source itself is split, if it is."""
    from striate.data.pool import Side

    counts = Counter(sides)
    if set(counts) <= {int(Side.UNSAID)}:
        return ["not split yet: a part is held out by chance"]
    names = {Side.TRAIN: "to train on", Side.VAL: "to validate", Side.TEST: "to test"}
    return [", ".join(f"{counts[side]:,} {name}" for side, name in names.items() if counts[side])]


def _count_files(store: Store) -> str:
    total = sum(entry.bytes for entry in store.entries)
    return f"{len(store.entries):,} files, {total / 1e6:,.1f} MB"
