"""k-max pooling against picking the largest cell k times, row by row."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from tests.measure.rules.support import check_known, check_reach
from torch import Tensor

from striate.errors import ShapeError
from striate.layers import KMaxPool

EXTENTS = [(5,), (2, 4), (2, 1, 4), (1, 2, 1, 4)]


def pick_slowly(row: list[float], k: int) -> list[float]:
    """Strike the largest cell out k times, of equal ones the first; what was struck out, in order."""
    left = dict(enumerate(row))
    for _ in range(k):
        largest = max(left.values())
        del left[next(place for place, value in left.items() if value == largest)]
    return [value for place, value in enumerate(row) if place not in left]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.integers(-2, 2), min_size=1, max_size=9), st.data())
def test_equal_values_are_taken_from_the_front(row: list[int], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(row)))
    found = KMaxPool(k)(torch.tensor([[row]], dtype=torch.float32))
    assert found.flatten().tolist() == pick_slowly([float(value) for value in row], k)


@pytest.mark.parametrize("extents", EXTENTS)
def test_each_row_for_itself(extents: tuple[int, ...]) -> None:
    x = torch.randn(2, 3, *extents)
    found = KMaxPool(3)(x)
    assert found.shape == (2, 3, *extents[:-1], 3)
    for place in product(*map(range, x.shape[:-1])):
        assert found[place].tolist() == pick_slowly(x[place].tolist(), 3)


def test_nothing_is_lost_of_infinities_and_nan() -> None:
    def pool(*row: float) -> list[str]:
        return [str(value) for value in KMaxPool(2)(torch.tensor([[row]])).flatten().tolist()]

    assert pool(0.0, math.inf, -math.inf, 1.0) == ["inf", "1.0"]
    assert pool(-math.inf, -math.inf, -math.inf) == ["-inf", "-inf"]
    assert pool(1.0, math.nan, 3.0, 2.0) == ["nan", "3.0"]
    assert pool(1.0, math.nan, math.nan, math.nan) == ["nan", "nan"]


@pytest.mark.parametrize("extents", EXTENTS)
def test_slopes_are_right(extents: tuple[int, ...]) -> None:
    x = torch.randn(1, 2, *extents, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(KMaxPool(3), (x,))


@pytest.mark.parametrize("extents", EXTENTS[:3])
def test_ways_out(extents: tuple[int, ...]) -> None:
    """After relu many cells are equal: the order must be the same everywhere all the same."""
    check_ways_out(KMaxPool(3), torch.randn(2, 3, *extents).relu())


def spread_mean(x: Tensor) -> Tensor:
    return x.mean(-1, keepdim=True).expand(*x.shape[:-1], 3)


@pytest.mark.parametrize("extents", EXTENTS[:3])
def test_what_a_cell_sees(extents: tuple[int, ...]) -> None:
    check_reach(KMaxPool(3), (1, 2, *extents), twin=spread_mean)
    check_known(KMaxPool(3), (2, *extents))


def test_too_short_a_series_is_refused() -> None:
    with pytest.raises(ShapeError, match="gets 3x5x2, but it needs channels x extents with at least 3 cells along"):
        KMaxPool(3)(torch.zeros(1, 3, 5, 2))
    with pytest.raises(ShapeError, match="gets 8, but it needs channels x extents"):
        KMaxPool(3)(torch.zeros(1, 8))
    with pytest.raises(ShapeError, match="k is 0, but it must be 1 or more"):
        KMaxPool(0)


def test_repr_tells_k() -> None:
    assert repr(KMaxPool(3)) == "KMaxPool(3)"
