"""Pixel shuffle against the channel that each cell comes from, worked out one by one."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from tests.measure.rules.support import check_known, check_reach
from torch import nn

from striate.errors import InputError, ShapeError
from striate.layers import PixelShuffleNd, make_pixel_shuffle

CASES = [((2,), (4,)), ((2, 3), (2, 2)), ((2, 1, 2), (2, 3, 1)), ((1, 2, 2, 1), (2, 1, 2, 2))]
"""Factors and extents, one each for every axis."""


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4), st.integers(1, 2))
def test_every_cell_comes_from_its_channel(axes: list[tuple[int, int]], channels: int) -> None:
    factors, extents = zip(*axes, strict=True)
    x = torch.randn(2, channels * prod(factors), *extents)
    found = PixelShuffleNd(factors)(x)
    assert found.shape == (2, channels, *(factor * extent for factor, extent in axes))
    for sample, channel, *place in product(*map(range, found.shape)):
        source = channel
        for cell, factor in zip(place, factors, strict=True):
            source = source * factor + cell % factor
        coarse = [cell // factor for cell, factor in zip(place, factors, strict=True)]
        assert found[(sample, channel, *place)] == x[(sample, source, *coarse)]


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_over_two_axes_it_is_torchs(factor: int) -> None:
    x = torch.randn(2, 2 * factor**2, 3, 4)
    assert torch.equal(PixelShuffleNd((factor, factor))(x), nn.PixelShuffle(factor)(x))
    assert type(make_pixel_shuffle((factor, factor))) is nn.PixelShuffle


@pytest.mark.parametrize(("factors", "extents"), CASES)
def test_slopes_are_right(factors: tuple[int, ...], extents: tuple[int, ...]) -> None:
    x = torch.randn(1, prod(factors), *extents, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(PixelShuffleNd(factors), (x,))


@pytest.mark.parametrize(("factors", "extents"), CASES)
def test_ways_out(factors: tuple[int, ...], extents: tuple[int, ...]) -> None:
    check_ways_out(PixelShuffleNd(factors), torch.randn(2, 2 * prod(factors), *extents))


@pytest.mark.parametrize(("factors", "extents"), CASES)
def test_what_a_cell_sees(factors: tuple[int, ...], extents: tuple[int, ...]) -> None:
    check_reach(PixelShuffleNd(factors), (1, 2 * prod(factors), *extents))
    check_known(PixelShuffleNd(factors), (2 * prod(factors), *extents))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"by 2x3 gets 8x4x4, but it needs 2 axes and channels that 6 divides\."):
        PixelShuffleNd((2, 3))(torch.zeros(1, 8, 4, 4))
    with pytest.raises(ShapeError, match=r"by 2 gets 8x4x4, but it needs 1 axes"):
        PixelShuffleNd((2,))(torch.zeros(1, 8, 4, 4))
    with pytest.raises(ShapeError, match="factor is 0"):
        PixelShuffleNd((2, 0))
    with pytest.raises(InputError, match="has no factor"):
        PixelShuffleNd(())


def test_repr_tells_the_factors() -> None:
    assert repr(PixelShuffleNd((2, 3))) == "PixelShuffleNd((2, 3))"
