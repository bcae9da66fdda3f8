"""Arrays of samples and labels, in memory or in an .npz: which axis is which, and how the values become bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.layout import to_channels_first
from striate.data.marks import gather_arrays
from striate.data.part import Joined, Numbered
from striate.data.pool import Pool, Request, Side
from striate.data.size import conform
from striate.data.values import to_bytes
from striate.errors import DataError

INPUT_WORDS = frozenset({"x", "image", "images", "data", "input", "inputs", "feature", "features"})
LABEL_WORDS = frozenset({"y", "label", "labels", "target", "targets"})
SIDE_WORDS = {"train": Side.TRAIN, "val": Side.VAL, "valid": Side.VAL, "validation": Side.VAL, "test": Side.TEST}

Pair = tuple[NDArray[Any], NDArray[Any]]


def pair_arrays(arrays: Mapping[str, Any], where: str) -> dict[Side, Pair]:
    """Pair inputs with labels by their names: `x_train, y_train`, `images, labels`, `test_images, test_labels`.

    Raises: DataError where a half is missing, or where no name is known.

    >>> sorted(pair_arrays({"x_train": [[1]], "y_train": [0], "x_test": [[2]], "y_test": [1]}, "set.npz"))
    [<Side.TRAIN: 1>, <Side.TEST: 3>]
    """
    found: dict[tuple[Side, bool], str] = {}
    for key in arrays:
        words = [word for word in re.split(r"[^a-z0-9]+", key.lower()) if word]
        sides = [SIDE_WORDS[word] for word in words if word in SIDE_WORDS]
        rest = [word for word in words if word not in SIDE_WORDS]
        if len(rest) == 1 and len(sides) <= 1 and rest[0] in INPUT_WORDS | LABEL_WORDS:
            found.setdefault((sides[0] if sides else Side.UNSAID, rest[0] in LABEL_WORDS), key)
    pairs = {}
    for side in sorted({side for side, _ in found}):
        if (side, False) not in found or (side, True) not in found:
            raise DataError(f"{where}: found {_listed(arrays)}; {_pair_needed(side)}.")
        inputs, labels = (_fetch(arrays, found[side, half], where) for half in (False, True))
        pairs[side] = (inputs, labels)
    if not pairs:
        raise DataError(f"{where}: found {_listed(arrays)}; {_pair_needed(Side.UNSAID)}.")
    return pairs


def pool_arrays(pairs: Mapping[Side, Pair], where: str, request: Request) -> Pool:
    """Bring pairs of inputs and labels to one uint8 pool, whatever their layout, values and labels.

    Raises: DataError where counts or layouts don't fit, or where values can't become bytes.
    """
    for side, (inputs, labels) in pairs.items():
        _check_counts(inputs, labels, f"{where}: {_stem(side)}")
    placed = [to_channels_first(inputs, request, where) for inputs, _ in pairs.values()]
    if len({inputs.shape[1:] for inputs in placed}) > 1:
        raise DataError(
            f"{where}: the parts hold samples of {' and '.join(_shape(x) for x in placed)}; needed one shape."
        )
    scaled, value_range, notes = to_bytes(placed, where)
    task, classes, numbers = gather_arrays([labels for _, labels in pairs.values()], where, request.task)
    whole = scaled[0] if len(scaled) == 1 else np.concatenate(scaled)
    runs = [Numbered(_stem(side), np.arange(len(inputs))) for side, (inputs, _) in pairs.items()]
    extents = tuple(int(extent) for extent in whole.shape[2:])
    if task == "segment" and not numbers.shape[1:] == extents == (request.extents or extents):
        found = f"{where}: found masks of {_shape(numbers)} for samples of {'x'.join(map(str, extents))}"
        needed = "x".join(map(str, request.extents or extents))
        raise DataError(f"{found}; needed {needed} of both. Resample them first.")
    return Pool(
        inputs=conform(whole, request, where),
        labels=numbers,
        names=Joined(runs),
        sides=np.repeat(np.array(list(pairs), np.int8), [len(inputs) for inputs in placed]),
        classes=classes,
        kind="arrays",
        smallest=extents,
        largest=extents,
        notes=notes,
        value_range=value_range,
        task=task,
    )


def _fetch(arrays: Mapping[str, Any], key: str, where: str) -> NDArray[Any]:
    """Take one array out; from a file this is where it is read."""
    try:
        return np.asarray(arrays[key])
    except Exception as error:  # on a damaged header numpy raises almost anything, tokenize's own errors too
        reason = str(error).split("\n")[0] or type(error).__name__
        raise DataError(
            f"{where}: {key} can't be read as an array ({reason}); needed plain numbers, no objects."
        ) from error


def _check_counts(inputs: NDArray[Any], labels: NDArray[Any], where: str) -> None:
    if not inputs.ndim or not len(inputs):
        raise DataError(f"{where}: found no samples; needed an array [N, ...] with N of 1 or more.")
    if not labels.ndim or len(labels) != len(inputs):
        count = len(labels) if labels.ndim else "a single number as"
        raise DataError(f"{where}: found {len(inputs)} inputs but {count} labels; needed one label for each input.")


def _listed(arrays: Mapping[str, Any]) -> str:
    names = list(arrays)
    return (
        "the arrays " + ", ".join(map(str, names[:6])) + (", ..." if len(names) > 6 else "") if names else "no arrays"
    )


def _pair_needed(side: Side) -> str:
    suffix = "" if side is Side.UNSAID else f"_{side.name.lower()}"
    return f"needed both x{suffix} and y{suffix} (or images and labels, data and targets)"


def _stem(side: Side) -> str:
    return "sample" if side is Side.UNSAID else side.name.lower()


def _shape(inputs: NDArray[Any]) -> str:
    return "x".join(map(str, inputs.shape[1:]))
