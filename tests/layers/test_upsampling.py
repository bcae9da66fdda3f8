"""Upsampling against cells that are repeated, and weights that are drawn up by hand."""

from __future__ import annotations

import pytest
import torch
from tests.layers.waysout import check_ways_out
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.layers import make_upsample

EXTENTS, FACTORS = (2, 3, 1, 2, 3), (2, 1, 3, 2, 2)


def stretch(x: Tensor, axis: int, factor: int, mode: str) -> Tensor:
    """One axis by its matrix: the weights of the input's cells in each output cell."""
    extent = x.shape[axis]
    matrix = torch.zeros(extent * factor, extent, dtype=x.dtype)
    for cell in range(extent * factor):
        middle = (cell + 0.5) / factor - 0.5  # where the output's middle lies among the input's middles
        for source in range(extent):
            distance = abs(min(max(middle, 0.0), extent - 1.0) - source)
            matrix[cell, source] = max(0.0, 1 - distance) if mode == "linear" else float(source == cell // factor)
    return (x.movedim(axis, -1) @ matrix.T).movedim(-1, axis)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("axes", [1, 2, 3, 4, 5])
def test_every_axis_is_stretched(mode: str, axes: int) -> None:
    x = torch.randn(2, 3, *EXTENTS[:axes], dtype=torch.float64)
    expected = x
    for axis in range(axes):
        expected = stretch(expected, 2 + axis, FACTORS[axis], mode)
    torch.testing.assert_close(make_upsample(axes, FACTORS[:axes], mode)(x), expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_four_axes_have_every_way_out(mode: str) -> None:
    check_ways_out(make_upsample(4, 2, mode), torch.randn(1, 2, 2, 3, 2, 3))  # type: ignore[arg-type]


def test_slopes_are_right() -> None:
    x = torch.randn(1, 1, 2, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(make_upsample(4, 2, "linear"), (x,))


def test_up_to_three_axes_are_torchs_own() -> None:
    assert type(make_upsample(3, (2, 1, 2))) is nn.Upsample


def test_bad_numbers_are_named() -> None:
    with pytest.raises(InputError, match="the input has 0 spatial axes"):
        make_upsample(0, 2)
    with pytest.raises(ShapeError, match="scale_factor is 0"):
        make_upsample(4, 0)
