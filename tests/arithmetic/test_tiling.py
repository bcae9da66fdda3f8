from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from striate.arithmetic.tiling import OVERLAP, place_tiles, share_cells


@given(st.integers(1, 400), st.integers(1, 60))
def test_each_cell_is_answered_by_one_tile_that_holds_it(extent: int, tile: int) -> None:
    """Against loops over cells."""
    extent = max(extent, tile)
    starts = place_tiles(extent, tile)
    assert starts[0] == 0
    assert starts[-1] + tile == extent
    assert all(left < right for left, right in pairwise(starts))
    owners = share_cells(extent, tile, starts)
    for cell in range(extent):
        (owner,) = [number for number, (first, last) in enumerate(owners) if first <= cell < last]
        assert starts[owner] <= cell < starts[owner] + tile
        inside = min(cell - starts[owner], starts[owner] + tile - 1 - cell)
        for start in starts:  # none holds it farther from its edges, but for the axis' own ends
            if start <= cell < start + tile and 0 < start < extent - tile and 0 < starts[owner] < extent - tile:
                assert min(cell - start, start + tile - 1 - cell) <= inside + 1


@given(st.integers(8, 400), st.integers(8, 60))
def test_neighbours_overlap(extent: int, tile: int) -> None:
    starts = place_tiles(extent, tile)
    for left, right in pairwise(starts):
        assert left + tile - right >= tile // OVERLAP - 1
