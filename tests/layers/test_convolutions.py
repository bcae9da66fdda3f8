"""Which module a convolution is: torch's own wherever it can express it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from striate.arithmetic import Pair, resolve_crop
from striate.errors import InputError, ShapeError
from striate.layers import (
    CroppedConvTranspose1d,
    CroppedConvTransposeNd,
    PaddedConv2d,
    PaddedConvNd,
    make_convolution,
    make_transposed,
)

crops = st.tuples(st.integers(-3, 3), st.integers(-3, 3))


def test_an_even_padding_is_an_ordinary_layer() -> None:
    ordinary = make_convolution(2, 3, 6, (3, 5), 2, [(1, 1), (2, 2)], groups=3, padding_mode="circular")
    assert type(ordinary) is nn.Conv2d
    assert (ordinary.padding, ordinary.padding_mode, ordinary.groups) == ((1, 2), "circular", 3)
    assert type(make_convolution(1, 1, 1, 3)) is nn.Conv1d


def test_a_fill_is_ours_where_there_is_something_to_fill() -> None:
    assert type(make_convolution(2, 1, 1, 3, fill=-1.0)) is nn.Conv2d
    assert type(make_convolution(2, 1, 1, 3, pads=[(1, 1)] * 2)) is nn.Conv2d
    module: Any = make_convolution(2, 1, 1, 3, pads=[(1, 1)] * 2, fill=-1.0, bias=False)
    assert type(module) is PaddedConv2d
    x = torch.randn(1, 1, 3, 4)
    framed = torch.full((1, 1, 5, 6), -1.0)
    framed[:, :, 1:-1, 1:-1] = x
    torch.testing.assert_close(module(x), nn.functional.conv2d(framed, module.weight))


@pytest.mark.parametrize("axes", [4, 16])
def test_past_three_axes_the_parameters_keep_their_shape(axes: int) -> None:
    down, up = make_convolution(axes, 4, 6, 1, groups=2), make_transposed(axes, 4, 6, 1, groups=2)
    assert (type(down), type(up)) == (PaddedConvNd, CroppedConvTransposeNd)
    shapes = [[list(parameter.shape) for parameter in module.parameters()] for module in (down, up)]
    assert shapes == [[[6, 2, *[1] * axes], [6]], [[4, 3, *[1] * axes], [6]]]
    x = torch.randn(1, 4, *[1] * axes)
    for module in (down, up):
        assert module(x).shape == (1, 6, *[1] * axes)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), crops)
def test_torchs_own_layer_is_taken_wherever_it_can(size: int, stride: int, dilation: int, crop: Pair) -> None:
    expressible = {(p, p - grow) for p in range(9) for grow in range(max(stride, dilation))}
    kind = nn.ConvTranspose1d if crop in expressible else CroppedConvTranspose1d
    assert type(make_transposed(1, 1, 1, size, stride, [crop], dilation)) is kind


@given(st.integers(1, 3), st.integers(2, 4))
def test_upsampling_with_same_needs_only_torchs_own_layer(times: int, stride: int) -> None:
    size = times * stride
    crop = resolve_crop("same", size, stride)
    assert type(make_transposed(1, 1, 1, size, stride, [crop])) is nn.ConvTranspose1d


@pytest.mark.parametrize("make", [make_convolution, make_transposed])
def test_bad_numbers_are_named(make: Any) -> None:
    with pytest.raises(InputError, match="the input has 0 spatial axes"):
        make(0, 1, 1, 3)
    with pytest.raises(ShapeError, match="groups is 2"):
        make(1, 3, 4, 3, groups=2)
    with pytest.raises(ShapeError, match="kernel_size is 0"):
        make(1, 3, 4, 0)
    with pytest.raises(ShapeError, match="stride is 0"):
        make(1, 3, 4, 3, 0)


def test_bad_padding_is_named() -> None:
    with pytest.raises(InputError, match="padding mode 'mirror' is unknown"):
        make_convolution(2, 1, 1, 3, padding_mode="mirror")
    with pytest.raises(InputError, match=r"fill is 1\.0, but padding mode 'reflect' takes its values from the input"):
        make_convolution(2, 1, 1, 3, padding_mode="reflect", fill=1.0)
    with pytest.raises(ShapeError, match="padding -1 before"):
        make_convolution(1, 1, 1, 3, pads=[(-1, 0)])
