"""Samples brought down to about a hundred numbers each, which a re-encoding or a brighter light hardly changes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Inputs, Integers

CELLS = 144  # 12 x 12 of a picture, 5 x 5 x 5 of a volume, 144 of a series
READ = 4  # values read for each cell along an axis; of larger samples not every value is
FLAT = 0.5  # the standard deviation, in bytes, below which a sample shows nothing to compare
_CHUNK_BYTES = 1 << 24

Reals = NDArray[np.float32]


def iterate_thumbnails(inputs: Inputs, places: Integers | None = None) -> Iterator[Reals]:
    """Give the thumbnails of all samples, or of those at `places`, some MiB at a time: a mapped file is never held."""
    rows = max(1, _CHUNK_BYTES // max(1, inputs[:1].nbytes))
    for start in range(0, len(inputs if places is None else places), rows):
        run = slice(start, start + rows)
        yield draw_thumbnails(inputs[run if places is None else places[run]])


def draw_thumbnails(inputs: Inputs) -> Reals:
    """Average each sample's channels and the values in each of about 144 cells; take off the mean, divide by the norm.

    The product of two thumbnails is then the correlation of what they show: 1 for the same picture, also where one of
    them is brighter or of stronger contrast. A flat sample becomes zeros: it is like nothing.
    Shape: uint8 [N, C, *extents] -> float32 [N, cells].

    >>> thumbnails = draw_thumbnails(np.arange(32, dtype=np.uint8).reshape(1, 1, 32).repeat(2, axis=0))
    >>> round(float(thumbnails[0] @ thumbnails[1]), 5)
    1.0
    """
    axes = inputs.ndim - 2
    side = max(1, round(CELLS ** (1 / max(1, axes))))
    steps = [max(1, extent // (READ * side)) for extent in inputs.shape[2:]]
    read = inputs[(slice(None), slice(None), *(slice(step // 2, None, step) for step in steps))]
    cells: Reals = read.mean(1, dtype=np.float32) if read.shape[1] > 1 else read[:, 0].astype(np.float32)
    for axis in range(1, axes + 1):
        weights = share_cells(cells.shape[axis], min(side, cells.shape[axis]))
        cells = np.moveaxis(np.moveaxis(cells, axis, -1) @ weights, -1, axis)
    flat = cells.reshape(len(cells), math.prod(cells.shape[1:]))
    flat = flat - flat.mean(1, keepdims=True)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    shown = norms >= FLAT * np.sqrt(flat.shape[1])
    thumbnails: Reals = np.divide(flat, norms, out=np.zeros_like(flat), where=shown)
    return thumbnails


def share_cells(extent: int, cells: int) -> Reals:
    """The share that each of `extent` values has in the mean of each of `cells` equal cells, which may cut values.

    Shape: [extent, cells]; each column sums to 1.

    >>> np.round(share_cells(3, 2).astype(np.float64).T, 3).tolist()
    [[0.667, 0.333, 0.0], [0.0, 0.333, 0.667]]
    """
    edges = np.linspace(0, extent, cells + 1)
    starts = np.arange(extent)[:, None]
    overlap = np.minimum(edges[1:], starts + 1) - np.maximum(edges[:-1], starts)
    shares: Reals = (np.clip(overlap, 0, None) * (cells / extent)).astype(np.float32)
    return shares
