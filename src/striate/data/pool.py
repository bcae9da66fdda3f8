"""Every sample of a source in one pool, before it is split: what each format's reader returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Inputs, Integers, Kind, Labels, SetAside


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
    """What the caller forces: the size and channels of every sample; and whom to tell how far decoding is.

    `options` are those that a format knows (of sound `view`); `reading` is how another set was read, which is then done
    again, whatever the options. `task` is what is to be learned (None: what the data say); without `split` every sample
    goes into one part.
    """

    extents: tuple[int, ...] | None = None
    channels: int | None = None
    report: Callable[[int, int], None] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    reading: Mapping[str, Any] | None = None
    task: str | None = None
    split: bool = True


@dataclass(frozen=True)
class Pool:
    """All samples in an order that is a function of their names; `sides` holds a `Side` each.

    `labels` are what the `task` learns from (see `Part`), `classes` name the network's outputs for it.
    `hashes` and `moments` (per sample and channel the sum and the sum of squares) are given where a cache knows them;
    `groups` names each sample's group, where there are some; `rate` and `reading` are as in Facts and Dataset.
    `own_split`: the sides are those of the source, not of its reader.
    `learn` makes the pool that is meant, given the places of the training samples: what is learned from those alone (of
    words a vocabulary) is known once the samples are split.
    """

    inputs: Inputs
    labels: Labels
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
    task: str = "classify"
    groups: Sequence[str] | None = None
    rate: float | None = None
    reading: Mapping[str, Any] | None = None
    learn: Callable[[Integers], Pool] | None = None
    own_split: bool = True


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
