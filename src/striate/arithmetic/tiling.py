"""Tiles of one size laid over a longer axis so that each cell is in one at least, and which of them answers for it."""

from __future__ import annotations

from itertools import pairwise

OVERLAP = 4  # neighbours share a quarter of a tile at least, so that no cell is answered for from a tile's very edge


def place_tiles(extent: int, tile: int) -> tuple[int, ...]:
    """Where tiles begin, evenly spaced, the first at the start and the last at the end of an axis.

    >>> place_tiles(10, 4), place_tiles(4, 4)
    ((0, 3, 6), (0,))
    """
    if extent <= tile:
        return (0,)
    step = max(1, tile - tile // OVERLAP)
    count = -(-(extent - tile) // step) + 1
    return tuple((2 * number * (extent - tile) + count - 1) // (2 * (count - 1)) for number in range(count))


def share_cells(extent: int, tile: int, starts: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """From where to where each tile answers: up to the middle of what it shares with the next.

    >>> share_cells(10, 4, (0, 3, 6))
    ((0, 3), (3, 6), (6, 10))
    """
    middles = [(left + tile + right) // 2 for left, right in pairwise(starts)]
    return tuple(zip((0, *middles), (*middles, extent), strict=True))
