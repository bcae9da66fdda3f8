"""A clip or a volume as one flat picture: some of its slices along the first axis, evenly spaced, in rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TILES, COLUMNS = 8, 4
GAP = 1  # cells between two slices, in the colour of the page
PAPER = 255


def lay_slices(sample: NDArray[Any], tiles: int = TILES) -> NDArray[Any]:
    """Lay at most so many slices of [C, A, H, W] side by side, four in a row, first to last as one reads.

    Shape: [C, rows, columns].

    >>> lay_slices(np.arange(2).reshape(1, 2, 1, 1)).tolist()
    [[[0, 255, 1]]]
    """
    channels, count, height, width = sample.shape
    places = choose_slices(count, tiles)
    columns = min(COLUMNS, len(places))
    rows = -(-len(places) // columns)
    laid = np.full((channels, rows * (height + GAP) - GAP, columns * (width + GAP) - GAP), PAPER, sample.dtype)
    for number, place in enumerate(places):
        top, left = number // columns * (height + GAP), number % columns * (width + GAP)
        laid[:, top : top + height, left : left + width] = sample[:, place]
    return laid


def choose_slices(count: int, most: int = TILES) -> list[int]:
    """Choose slices: all of a few, else the middles of as many equal runs.

    >>> choose_slices(3), choose_slices(16), choose_slices(20, 4)
    ([0, 1, 2], [1, 3, 5, 7, 9, 11, 13, 15], [2, 7, 12, 17])
    """
    if count <= most:
        return list(range(count))
    return [int((number + 0.5) * count / most) for number in range(most)]


def to_bytes(sample: NDArray[Any]) -> NDArray[Any]:
    """Bring the 65,536 levels of int16 to the 256 of a screen; other values stay."""
    return (sample.astype(np.int32) + 32768) // 257 if sample.dtype == np.int16 else sample
