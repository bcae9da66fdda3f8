"""Local response norm against the paper's sum, channel by channel."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.layers.waysout import check_ways_out
from tests.measure.rules.support import check_known, check_reach
from torch import Tensor, nn

from striate.layers import ResponseNorm

EXTENTS = [(), (4,), (2, 3), (2, 1, 3), (2, 1, 2, 2)]


def respond_slowly(x: Tensor, size: int, alpha: float, beta: float, k: float) -> Tensor:
    output = torch.empty_like(x)
    for place in product(*map(range, x.shape)):
        first = place[1] - size // 2
        around = [channel for channel in range(first, first + size) if 0 <= channel < x.shape[1]]
        total = sum(float(x[(place[0], channel, *place[2:])]) ** 2 for channel in around)
        output[place] = x[place] / (k + alpha / size * total) ** beta
    return output


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 9), st.integers(1, 7), st.sampled_from(EXTENTS), st.floats(0, 5), st.floats(0, 2), st.floats(0.5, 3)
)
def test_every_channel_is_divided_by_its_neighbours(
    size: int, channels: int, extents: tuple[int, ...], alpha: float, beta: float, k: float
) -> None:
    x = torch.randn(2, channels, *extents, dtype=torch.float64)
    expected = respond_slowly(x, size, alpha, beta, k)
    torch.testing.assert_close(ResponseNorm(size, alpha, beta, k)(x), expected)


@pytest.mark.parametrize("extents", EXTENTS[1:])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_it_is_torchs(size: int, extents: tuple[int, ...]) -> None:
    x = torch.randn(2, 6, *extents, dtype=torch.float64)
    torch.testing.assert_close(ResponseNorm(size, 0.3)(x), nn.LocalResponseNorm(size, 0.3)(x))
    assert torch.equal(ResponseNorm(size)(x), ResponseNorm(size, alpha=1e-4, beta=0.75, k=1.0)(x))


def test_the_papers_numbers() -> None:
    """The paper doesn't divide alpha by n: its k = 2, n = 5, alpha = 1e-4, beta = 0.75 on one lone active channel."""
    x = torch.zeros(1, 7, 1, dtype=torch.float64)
    x[0, 3] = 100
    expected = 100 / (2 + 1e-4 * 100**2) ** 0.75
    assert float(ResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)(x)[0, 3]) == pytest.approx(expected)


@pytest.mark.parametrize("extents", EXTENTS)
def test_slopes_are_right(extents: tuple[int, ...]) -> None:
    x = torch.randn(1, 4, *extents, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(ResponseNorm(3, alpha=2.0), (x,))


@pytest.mark.parametrize("extents", EXTENTS[1:4])
def test_ways_out(extents: tuple[int, ...]) -> None:
    check_ways_out(ResponseNorm(4, alpha=0.5), torch.randn(2, 6, *extents))


@pytest.mark.parametrize("extents", EXTENTS[1:4])
def test_what_a_cell_sees(extents: tuple[int, ...]) -> None:
    check_reach(ResponseNorm(3), (1, 5, *extents))
    check_known(ResponseNorm(3), (5, *extents))
