"""How far two lists of outputs are from each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Outputs = Sequence[NDArray[np.generic]]


def measure_error(pairs: Iterable[tuple[Outputs, Outputs]]) -> float:
    """The largest difference of any output in any batch, over the largest value that was expected of that output.

    Cells that are equal, infinite or not a number on both sides, count as equal. Other shapes are infinitely far.

    >>> measure_error([([np.array([4.0, 2.0])], [np.array([4.0, 1.0])])])
    0.25
    """
    return max((_compare(*both) for expected, found in pairs for both in _match(expected, found)), default=0.0)


def _match(expected: Outputs, found: Outputs) -> Iterable[tuple[NDArray[np.generic], NDArray[np.generic]]]:
    if len(expected) != len(found):
        return [(np.zeros(1), np.full(1, np.inf))]
    return zip(expected, found, strict=True)


def _compare(expected: NDArray[np.generic], found: NDArray[np.generic]) -> float:
    if expected.shape != found.shape:
        return math.inf
    one, other = (np.asarray(values, dtype=np.float64) for values in (expected, found))
    differ = ~((one == other) | (np.isnan(one) & np.isnan(other)))
    if not differ.any():
        return 0.0
    one_, other_ = one[differ], other[differ]
    if not (np.isfinite(one_).all() and np.isfinite(other_).all()):
        return math.inf
    largest = float(np.abs(one[np.isfinite(one)]).max())
    return float(np.abs(one_ - other_).max()) / (largest or 1.0)
