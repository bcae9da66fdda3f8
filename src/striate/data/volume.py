"""One array file (npy, npz) that is a sample, such as a volume; nothing pickled is ever loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.arrays import INPUT_WORDS, LABEL_WORDS, SIDE_WORDS
from striate.data.store import Entry, Store
from striate.data.sweep import read_whole
from striate.data.swelling import check_swelling
from striate.data.tree import ARRAYS, find_medium, list_classes
from striate.errors import DataError

_WHOLE_SETS = INPUT_WORDS | LABEL_WORDS | SIDE_WORDS.keys()


def names_volumes(store: Store) -> bool:
    """Tell arrays that are a sample each, in class folders or under a labels.csv, from those of a set (x_train.npy)."""
    if find_medium(store) != "arrays" or len(list_classes(store)) < 2:
        return False
    stems = [entry.name.rsplit("/", 1)[-1].lower()[:-4] for entry in store.entries if _is_array(entry)]
    return not all(set(re.split(r"[^a-z0-9]+", stem)) <= _WHOLE_SETS for stem in stems)


def read_volume(store: Store, entry: Entry) -> NDArray[Any]:
    """Read the one array of a file, as it is.

    Raises: ValueError for several arrays, none, an empty one, other values than numbers, NaN or infinity; whatever
    numpy raises for a damaged one.
    """
    content = read_whole(store, entry)
    try:
        check_swelling(BytesIO(content), "arrays")
    except DataError as error:
        raise ValueError(str(error)) from None
    loaded = np.load(BytesIO(content), allow_pickle=False)
    if isinstance(loaded, Mapping):
        if len(loaded) != 1:
            raise ValueError(f"{len(loaded)} arrays in it; needed one")
        loaded = next(iter(loaded.values()))
    array: NDArray[Any] = np.asarray(loaded)
    if not array.size or not array.ndim:
        raise ValueError("an array without values" if array.ndim else "a single number")
    if array.dtype.kind not in "buif":
        raise ValueError(f"values of type {array.dtype}; needed whole numbers or floats")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError("NaN or infinity in it")
    return array


def fit_volume(array: NDArray[Any], extents: tuple[int, ...], fill: float) -> NDArray[Any]:
    """Cut [C, *extents] to its centre along the axes that are longer, and put `fill` around it along shorter ones.

    >>> fit_volume(np.array([[1, 2, 3, 4]]), (2,), 0).tolist(), fit_volume(np.array([[1, 2]]), (5,), 0).tolist()
    ([[2, 3]], [[0, 1, 2, 0, 0]])
    """
    for axis, extent in enumerate(extents, start=1):
        found = array.shape[axis]
        if found > extent:
            start = (found - extent) // 2
            array = np.take(array, np.arange(start, start + extent), axis)
        elif found < extent:
            before = (extent - found) // 2
            around = [(before, extent - found - before) if place == axis else (0, 0) for place in range(array.ndim)]
            array = np.pad(array, around, constant_values=fill)
    return array


def _is_array(entry: Entry) -> bool:
    return entry.name.lower().endswith(ARRAYS)
