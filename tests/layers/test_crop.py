"""Crops against cells that are picked one by one."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from tests.measure.rules.support import check_known, check_reach

from striate.errors import InputError, ShapeError
from striate.layers import Crop

Cells = list[tuple[int, int]]
CASES: list[Cells] = [[(1, 2)], [(1, 0), (0, 2)], [(0, 0), (2, 1), (1, 1)], [(1, 1), (0, 0), (0, 1), (2, 0)]]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=4))
def test_what_is_left_are_the_cells_between(axes: list[tuple[int, int, int]]) -> None:
    x = torch.randn(2, 3, *map(sum, axes))
    found = Crop([(before, after) for before, after, _ in axes])(x)
    assert found.shape == (2, 3, *(left for _, _, left in axes))
    for sample, channel, *place in product(*map(range, found.shape)):
        source = [cell + before for cell, (before, _, _) in zip(place, axes, strict=True)]
        assert found[(sample, channel, *place)] == x[(sample, channel, *source)]


def test_the_output_is_a_view() -> None:
    x = torch.randn(1, 2, 5, 6)
    assert Crop([(1, 1), (0, 2)])(x).untyped_storage().data_ptr() == x.untyped_storage().data_ptr()


@pytest.mark.parametrize("cells", CASES)
def test_slopes_are_right(cells: Cells) -> None:
    x = torch.randn(1, 2, *[4] * len(cells), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Crop(cells), (x,))


@pytest.mark.parametrize("cells", CASES)
def test_ways_out(cells: Cells) -> None:
    check_ways_out(Crop(cells), torch.randn(2, 3, *[4] * len(cells)))


@pytest.mark.parametrize("cells", CASES)
def test_what_a_cell_sees(cells: Cells) -> None:
    check_reach(Crop(cells), (1, 2, *[4] * len(cells)))
    check_known(Crop(cells), (2, *[4] * len(cells)))


def test_what_leaves_nothing_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"told to cut \(\(2, 2\),\) off the extents 4, but .* must leave a cell"):
        Crop([(2, 2)])(torch.zeros(1, 1, 4))
    with pytest.raises(ShapeError, match=r"off the extents 4x4, but it needs a pair for each axis"):
        Crop([(1, 1)])(torch.zeros(1, 1, 4, 4))
    with pytest.raises(InputError, match=r"told to cut \(\(1, -1\),\), but it needs \(before, after\) from 0"):
        Crop([(1, -1)])
    with pytest.raises(InputError, match=r"told to cut \(\), but"):
        Crop([])


def test_repr_tells_the_cells() -> None:
    assert repr(Crop([(1, 2), (0, 0)])) == "Crop(((1, 2), (0, 0)))"
