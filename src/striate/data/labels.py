"""What the labels of arrays mean: any numbering, text or one-hot rows become the numbers of sorted classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Integers
from striate.data.pool import index_classes
from striate.errors import DataError


def read_labels(parts: Sequence[NDArray[Any]], where: str) -> tuple[tuple[str, ...], Integers]:
    """Give the sorted class names (whole numbers by value) and each label's class, over all parts in one numbering.

    Raises: DataError for labels that are fractions, vectors or of an unknown type.

    >>> read_labels([np.array([7, 3]), np.array([[3]])], "x")
    (('3', '7'), array([1, 0, 0]))
    """
    flat = [_flatten(labels, where) for labels in parts]
    if len({labels.dtype.kind in "US" for labels in flat}) > 1:
        raise DataError(
            f"{where}: found labels that are text in one part and numbers in another; needed one of the two."
        )
    values, places = np.unique(np.concatenate(flat), return_inverse=True)
    classes, order = index_classes([_name(value) for value in values])
    return classes, order[places.reshape(-1)]


def _flatten(labels: NDArray[Any], where: str) -> NDArray[Any]:
    """Bring labels to one axis of whole numbers or text."""
    if labels.ndim > 1 and labels.size == len(labels):
        labels = labels.reshape(-1)
    if labels.dtype == object and all(isinstance(label, str) for label in labels.flat):
        labels = labels.astype(str)
    if labels.ndim == 2 and labels.dtype.kind in "buif":
        labels = _from_one_hot(labels, where)
    if labels.ndim != 1 or labels.dtype.kind not in "buifUS":
        raise DataError(
            f"{where}: found labels of shape {labels.shape} and type {labels.dtype}; needed one label for each."
        )
    if labels.dtype.kind == "f":
        return _from_floats(labels, where)
    return labels.astype(np.int64) if labels.dtype.kind in "bui" else labels


def _from_one_hot(labels: NDArray[Any], where: str) -> Integers:
    if not (((labels == 0) | (labels == 1)).all() and (labels.sum(1) == 1).all()):
        raise DataError(
            f"{where}: found labels of shape {labels.shape} that are not one-hot; needed one class for each input."
        )
    places: Integers = np.argmax(labels, 1).astype(np.int64)
    return places


def _from_floats(labels: NDArray[Any], where: str) -> Integers:
    if not (np.isfinite(labels).all() and (labels == np.rint(labels)).all()):
        raise DataError(f"{where}: found labels that are fractions; needed classes.")
    return labels.astype(np.int64)


def _name(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
