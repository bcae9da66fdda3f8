"""The nearest thumbnails of a few thousand samples among very many, exactly, by blocks of matrix products."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Integers
from striate.data.thumbnails import Reals

_QUERIES, _ROWS, _GROUP = 256, 8192, 64


@dataclass(frozen=True)
class Neighbours:
    """Of each query the nearest rows: `places` among all rows, `likeness` the product with them, largest first."""

    places: Integers
    likeness: NDArray[np.float32]


def find_neighbours(queries: Reals, blocks: Iterable[Reals], count: int) -> Neighbours:
    """Find the `count` rows whose products with each query are largest, over all blocks of rows laid end to end.

    The largest values of a line lie in the groups with the largest maxima, so only those few groups are sorted.
    Shape: queries [Q, cells], blocks [.., cells] -> [Q, count or as many as there are rows].
    Cost: Q x rows x cells multiplies, 4 bytes x (256 x 8,192) of memory beside the arrays.

    >>> found = find_neighbours(np.eye(2, dtype=np.float32), [np.float32([[0, 1]]), np.float32([[1, 0]])], 1)
    >>> found.places.tolist(), found.likeness.tolist()
    ([[1], [0]], [[1.0], [1.0]])
    """
    places = np.zeros((len(queries), 0), np.int64)
    likeness = np.zeros((len(queries), 0), np.float32)
    first = 0
    for block in blocks:
        for start in range(0, len(block), _ROWS):
            rows = block[start : start + _ROWS]
            near = [_search(queries[q : q + _QUERIES], rows, count) for q in range(0, len(queries), _QUERIES)]
            if near:
                places = np.concatenate([places, np.concatenate([one.places for one in near]) + first], axis=1)
                likeness = np.concatenate([likeness, np.concatenate([one.likeness for one in near])], axis=1)
                places, likeness = _keep(places, likeness, count)
            first += len(rows)
    return Neighbours(places, likeness)


def _search(queries: Reals, rows: Reals, count: int) -> Neighbours:
    products = queries @ rows.T
    groups = len(rows) // _GROUP
    if groups <= count:
        places = np.broadcast_to(np.arange(len(rows)), products.shape)
        return Neighbours(*_keep(places, products, count))
    whole = products[:, : groups * _GROUP].reshape(len(queries), groups, _GROUP)
    best = np.argpartition(-whole.max(2), count - 1, axis=1)[:, :count]
    places = (best[:, :, None] * _GROUP + np.arange(_GROUP)).reshape(len(queries), -1)
    rest = np.broadcast_to(np.arange(groups * _GROUP, len(rows)), (len(queries), len(rows) - groups * _GROUP))
    places = np.concatenate([places, rest], axis=1)
    return Neighbours(*_keep(places, np.take_along_axis(products, places, 1), count))


def _keep(places: Integers, likeness: NDArray[np.float32], count: int) -> tuple[Integers, NDArray[np.float32]]:
    """Keep the largest of each line, largest first; of equals the first."""
    order = np.lexsort((places, -likeness), axis=1)[:, :count] if likeness.shape[1] <= 4 * count else None
    if order is None:
        cut = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        return _keep(np.take_along_axis(places, cut, 1), np.take_along_axis(likeness, cut, 1), count)
    return np.take_along_axis(places, order, 1), np.take_along_axis(likeness, order, 1)
