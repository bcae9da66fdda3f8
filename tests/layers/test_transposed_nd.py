"""Transposed convolution over four and more axes against loops, torch's own, and the convolution that it transposes."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.layers.loops import deconvolve_slowly
from tests.layers.waysout import check_ways_out

from striate.arithmetic import compute_span, count_transposed_multiplies, deconvolve_extent
from striate.errors import ShapeError
from striate.layers import CroppedConvTransposeNd, PaddedConvNd
from striate.measure import measure

small = st.tuples(*(st.integers(low, high) for low, high in ((1, 2), (1, 3), (1, 3), (1, 2), (-1, 1), (-1, 1))))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(small, min_size=4, max_size=4),
    st.sampled_from([(2, 2, 1), (2, 4, 2), (4, 2, 2)]),
    st.booleans(),
)
def test_four_axes_are_the_loops_sum(axes: list[tuple[int, ...]], channels: tuple[int, int, int], bias: bool) -> None:
    extents, sizes, strides, dilations, before, after = zip(*axes, strict=True)
    crops = list(zip(before, after, strict=True))
    numbers = list(zip(extents, sizes, strides, dilations, crops, strict=True))
    assume(all((e - 1) * s + compute_span(k, d) > sum(crop) for e, k, s, d, crop in numbers))
    inner, outer, groups = channels
    module = CroppedConvTransposeNd(inner, outer, sizes, strides, groups, bias, dilations, crops=crops).double()
    x = torch.randn(1, inner, *extents, dtype=torch.float64)
    output = module(x)
    assert list(output.shape[2:]) == [deconvolve_extent(*axis) for axis in numbers]
    torch.testing.assert_close(output, deconvolve_slowly(module, x, crops))


def test_six_axes_are_the_loops_sum() -> None:
    crops = [(0, 1), (-1, 0), (0, 0), (1, 0), (0, 0), (0, 1)]
    module = CroppedConvTransposeNd(1, 2, (2, 1, 3, 2, 1, 2), (2, 2, 1, 1, 1, 1), crops=crops).double()
    x = torch.randn(2, 1, 2, 1, 1, 2, 2, 2, dtype=torch.float64)
    torch.testing.assert_close(module(x), deconvolve_slowly(module, x, crops))


@pytest.mark.parametrize("places", [*combinations(range(5), 3)])
def test_with_axes_of_one_cell_it_is_torchs_own(places: tuple[int, ...]) -> None:
    own = torch.nn.ConvTranspose3d(2, 4, (3, 2, 4), (2, 1, 3), (1, 0, 0), (1, 0, 0), 2, dilation=(1, 2, 1)).double()
    sizes, strides, dilations, crops, extents = [1] * 5, [1] * 5, [1] * 5, [(0, 0)] * 5, [1] * 5
    x = torch.randn(2, 2, 3, 4, 2, dtype=torch.float64)
    for axis, place in enumerate(places):
        sizes[place], strides[place], dilations[place] = (
            int(numbers[axis]) for numbers in (own.kernel_size, own.stride, own.dilation)
        )
        extents[place] = x.shape[2 + axis]
        crops[place] = (int(own.padding[axis]), int(own.padding[axis]) - own.output_padding[axis])
    module = CroppedConvTransposeNd(2, 4, sizes, strides, 2, True, dilations, crops=crops).double()
    module.load_state_dict({"weight": own.weight.reshape(module.weight.shape), "bias": own.bias})
    expected = own(x)
    torch.testing.assert_close(module(x.reshape(2, 2, *extents)).reshape(expected.shape), expected)


def test_it_is_the_convolution_transposed() -> None:
    """<conv(x), y> = <x, deconv(y)> for any x and y, with the same kernel and cuts in place of padding."""
    pads = [(1, 0), (1, 1), (0, 2), (0, 0)]
    sizes, strides, dilations = (3, 2, 3, 2), (2, 1, 1, 1), (1, 2, 1, 1)
    down: Any = PaddedConvNd(4, 2, sizes, strides, dilations, 2, False, pads=pads).double()
    up: Any = CroppedConvTransposeNd(2, 4, sizes, strides, 2, False, dilations, crops=pads).double()
    up.load_state_dict(down.state_dict())
    x = torch.randn(1, 4, 4, 3, 3, 2, dtype=torch.float64)
    y = torch.randn_like(down(x))
    torch.testing.assert_close((down(x) * y).sum(), (x * up(y)).sum())


def test_slopes_are_right() -> None:
    crops = [(0, 1), (-1, 0), (0, 0), (1, 0)]
    module = CroppedConvTransposeNd(2, 2, 2, (2, 1, 1, 1), 2, True, (1, 2, 1, 1), crops=crops).double()
    x = torch.randn(1, 2, 2, 1, 1, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))
    for name, parameter in module.named_parameters():

        def run(values: torch.Tensor, name: str = name) -> Any:
            return torch.func.functional_call(module, {name: values}, (x.detach(),))

        assert torch.autograd.gradcheck(run, parameter)


@pytest.mark.parametrize("axes", [4, 5])
def test_it_has_every_way_out(axes: int) -> None:
    crops = [(0, 1), (0, -1), (1, 0), (0, 0), (0, 0)][:axes]
    module = CroppedConvTransposeNd(2, 4, [2, 1, 3, 2, 2][:axes], 2, 2, crops=crops)
    check_ways_out(module, torch.randn(1, 2, *[2, 3, 2, 1, 2][:axes]))


@pytest.mark.parametrize("axes", [4, 6])
@pytest.mark.parametrize("groups", [1, 2])
def test_measure_counts_what_the_formula_counts(axes: int, groups: int) -> None:
    extents, sizes = [3, 2, 1, 2, 2, 3][:axes], [2, 3, 2, 1, 2, 2][:axes]
    table = measure(CroppedConvTransposeNd(2, 4, sizes, 2, groups, crops=[(0, 0)] * axes), (2, *extents), batch=3)
    assert table.multiplies == count_transposed_multiplies(2, 4, sizes, extents, groups, batch=3)
    made = [deconvolve_extent(e, k, 2) for e, k in zip(extents, sizes, strict=True)]
    assert table.rows[-1].output == (4, *made)
    assert {row.status for row in table.rows} == {"exact"}


def test_another_number_of_axes_is_named() -> None:
    with pytest.raises(ShapeError, match="found an input of 1x1x3, needed batch, channels and 5 axes"):
        CroppedConvTransposeNd(1, 1, 2, crops=[(0, 0)] * 5)(torch.zeros(1, 1, 3))


def test_repr_tells_the_crops() -> None:
    shown = repr(CroppedConvTransposeNd(2, 4, 2, 2, crops=[(0, 1)] * 4))
    assert shown.startswith("CroppedConvTransposeNd(2, 4, kernel_size=(2, 2, 2, 2), stride=(2, 2, 2, 2), crops=((0, 1)")
