"""Every sample of a source in one pool, before it is split: what each format's reader returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Bytes, Integers, Kind, SetAside


class Side(IntEnum):
    """The part that the source itself puts a sample in."""

    UNSAID = 0
    TRAIN = 1
    VAL = 2
    TEST = 3


SIDE_NAMES = {
    "train": Side.TRAIN,
    "training": Side.TRAIN,
    "val": Side.VAL,
    "valid": Side.VAL,
    "validation": Side.VAL,
    "test": Side.TEST,
    "testing": Side.TEST,
}


@dataclass(frozen=True)
class Request:
    """What the caller forces: the size and channels of every sample; and whom to tell how far decoding is."""

    extents: tuple[int, ...] | None = None
    channels: int | None = None
    report: Callable[[int, int], None] | None = None


@dataclass(frozen=True)
class Pool:
    """All samples in an order that is a function of their names; `sides` holds a `Side` each.

    `hashes` and `moments` (per sample and channel the sum and the sum of squares) are given where a cache knows them.
    """

    inputs: Bytes
    labels: Integers
    names: Sequence[str]
    sides: NDArray[np.int8]
    classes: tuple[str, ...]
    kind: Kind
    smallest: tuple[int, ...]
    largest: tuple[int, ...]
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    hashes: NDArray[np.uint64] | None = None
    moments: NDArray[np.float64] | None = None


def index_classes(labels: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    """Sort the class names (whole numbers by value, others as text) and number every label by its class.

    >>> index_classes(["10", "9", "9"])
    (('9', '10'), array([1, 0, 0]))
    """
    names = set(labels)
    numeric = all(name.isascii() and name.removeprefix("-").isdigit() for name in names)
    classes = tuple(sorted(names, key=lambda name: (int(name), name)) if numeric else sorted(names))
    places = {name: place for place, name in enumerate(classes)}
    return classes, np.array([places[label] for label in labels], np.int64)
