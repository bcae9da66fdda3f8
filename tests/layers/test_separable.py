"""Axes a few at a time against axes one at a time, in any cut."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.layers.waysout import check_ways_out
from torch import nn

from striate.errors import ShapeError
from striate.layers import Separable

SIZES: tuple[int, ...] = (3, 1, 2, 2, 3, 2, 1)


def average(part: slice) -> nn.Module:
    """A layer that knows its axes: means over windows of another size along each of them."""
    sizes: Any = SIZES[part]
    return (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[len(sizes) - 1](sizes, 1)


@pytest.mark.parametrize("axes", [1, 3, 4, 5, 7])
@pytest.mark.parametrize("most", [1, 2, 3])
def test_each_layer_gets_its_own_axes(axes: int, most: int) -> None:
    x = torch.randn(2, 3, *[3, 4, 2, 3, 4, 2, 3][:axes], dtype=torch.float64)
    expected = x
    for axis, size in enumerate(SIZES[:axes], start=2):
        expected = expected.unfold(axis, size, 1).mean(-1)
    torch.testing.assert_close(Separable(axes, average, most)(x), expected)


def test_it_has_every_way_out() -> None:
    check_ways_out(Separable(4, average), torch.randn(1, 2, 3, 2, 3, 2))


def test_slopes_are_right() -> None:
    x = torch.randn(1, 2, 3, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Separable(4, average), (x,))


def test_another_number_of_axes_is_named() -> None:
    with pytest.raises(ShapeError, match="found an input of 1x2x3x3x3, needed batch, channels and 4 axes"):
        Separable(4, average)(torch.zeros(1, 2, 3, 3, 3))
