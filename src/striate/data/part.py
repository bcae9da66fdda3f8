"""What a loaded data set is: its parts as uint8 arrays, what was set aside, and the facts to choose a network by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Inputs = NDArray[np.number[Any]]  # uint8, int16 where a byte is too coarse, or float32
Integers = NDArray[np.int64]
Labels = NDArray[Any]
Kind = Literal["images", "arrays", "sound", "video", "volumes", "words", "series"]


class Numbered(Sequence[str]):
    """Names made on demand, so that a million samples cost no million strings.

    >>> names = Numbered("train", np.array([4, 17]))
    >>> names[1], list(names[:1]), len(names)
    ('train[17]', ['train[4]'], 2)
    """

    def __init__(self, stem: str, numbers: Integers) -> None:
        """Name sample i of `stem` by `numbers[i]`."""
        self.stem, self.numbers = stem, numbers

    def __len__(self) -> int:
        """Count the names."""
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """Give one name, or the names of a slice."""
        return self.take(self.numbers[index]) if isinstance(index, slice) else self.write(int(self.numbers[index]))

    def take(self, numbers: Integers) -> Numbered:
        """Name other samples of the same kind."""
        return Numbered(self.stem, numbers)

    def write(self, number: int) -> str:
        """Write one name."""
        return f"{self.stem}[{number}]"


class Joined(Sequence[str]):
    """Names picked out of several sequences laid end to end, again on demand.

    >>> names = Joined([["a", "b"], Numbered("test", np.arange(3))], np.array([4, 0]))
    >>> list(names)
    ['test[2]', 'a']
    """

    def __init__(self, runs: Sequence[Sequence[str]], picked: Integers | None = None) -> None:
        """Lay `runs` end to end; keep only the places `picked`, in that order."""
        self.runs, self.starts = runs, np.cumsum([0, *map(len, runs)])
        self.picked = np.arange(self.starts[-1]) if picked is None else picked

    def __len__(self) -> int:
        """Count the names."""
        return len(self.picked)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """Give one name, or the names of a slice."""
        if isinstance(index, slice):
            return Joined(self.runs, self.picked[index])
        place = int(self.picked[index])
        run = int(np.searchsorted(self.starts, place, side="right")) - 1
        return self.runs[run][place - int(self.starts[run])]


@dataclass(frozen=True)
class Part:
    """One side of a split: `inputs` [N, C, *extents] (may be a read-only memmap), `labels` int64 [N], `names`.

    Inputs are uint8, of which 255 is 1; or int16, of which 32,768 would be 1 (sound). `hashes` are those of the inputs
    as they are here, where they are known: see `hash_part`.

    >>> part = Part(np.zeros((2, 1, 8, 8), np.uint8), np.array([0, 1]), ["cat/1.jpg", "dog/1.jpg"])
    >>> len(part), part.names[1]
    (2, 'dog/1.jpg')
    """

    inputs: Inputs
    labels: Integers
    names: Sequence[str]
    hashes: NDArray[np.uint64] | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.labels)


@dataclass(frozen=True)
class SetAside:
    """A file that is no part of the set, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Facts:
    """What is known of a data set before a network is chosen; `mean` and `std` per channel are those of train, 0 to 1.

    `counts` holds the samples of each class over all parts, `smallest` and `largest` the extents on disk, `leaked` the
    held-out samples whose very bytes are in train, `value_range` the user's values that became 0 and 255, `rate` the
    steps per second along the last axis, where that is time.
    """

    kind: Kind
    samples: int
    train_samples: int
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    channels: int
    extents: tuple[int, ...]
    smallest: tuple[int, ...]
    largest: tuple[int, ...]
    grey: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]
    leaked: int = 0
    value_range: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    rate: float | None = None


@dataclass(frozen=True)
class Dataset:
    """A data set ready to train on. `official`: the test part is the source's own split, not one drawn here.

    `reading` says, in plain values, how a new file is read in the same way (kind, rate, length, view, ...), where size
    and channels alone don't; `grouping` how groups were kept together in the split (pattern, hold_out).
    """

    name: str
    classes: tuple[str, ...]
    train: Part
    val: Part | None
    test: Part | None
    official: bool
    set_aside: tuple[SetAside, ...]
    fingerprint: str
    facts: Facts
    source: str
    task: str = "classify"
    reading: Mapping[str, Any] | None = None
    grouping: Mapping[str, Any] | None = None


def full_scale(inputs: Inputs) -> int:
    """The number that stands for 1: 255 of bytes, 32,768 of 16 bits, 1 of floats.

    >>> full_scale(np.zeros(1, np.uint8)), full_scale(np.zeros(1, np.int16)), full_scale(np.zeros(1, np.float32))
    (255, 32768, 1)
    """
    return 1 if inputs.dtype.kind == "f" else 255 if inputs.dtype == np.uint8 else 32768
