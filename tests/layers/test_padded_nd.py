"""Convolution over four and more axes against loops, and against torch's own where some axes have one cell."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.layers.loops import convolve_slowly
from tests.layers.waysout import check_ways_out

from striate.arithmetic import compute_span, convolve_extent, count_convolution_multiplies
from striate.errors import ShapeError
from striate.layers import PaddedConvNd
from striate.measure import measure

MODES = ("zeros", "reflect", "replicate", "circular")
small = st.tuples(*(st.integers(low, high) for low, high in ((2, 3), (1, 2), (1, 2), (1, 2), (0, 1), (0, 1))))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(small, min_size=4, max_size=4),
    st.sampled_from(MODES),
    st.sampled_from([(2, 2, 1), (2, 4, 2), (4, 2, 2), (2, 2, 2)]),
    st.booleans(),
    st.sampled_from([0.0, -1.5]),
)
def test_four_axes_are_the_loops_sum(
    axes: list[tuple[int, ...]], mode: str, channels: tuple[int, int, int], bias: bool, fill: float
) -> None:
    extents, sizes, strides, dilations, before, after = zip(*axes, strict=True)
    pads = list(zip(before, after, strict=True))
    spans = map(compute_span, sizes, dilations)
    assume(all(e + sum(pad) >= span for e, pad, span in zip(extents, pads, spans, strict=True)))
    inner, outer, groups = channels
    fill = fill if mode == "zeros" else 0.0
    module = PaddedConvNd(inner, outer, sizes, strides, dilations, groups, bias, mode, pads=pads, fill=fill).double()
    x = torch.randn(1, inner, *extents, dtype=torch.float64)
    torch.testing.assert_close(module(x), convolve_slowly(module, x, pads, fill))


def test_six_axes_are_the_loops_sum() -> None:
    pads = [(1, 0), (0, 0), (0, 1), (0, 0), (1, 1), (0, 0)]
    module = PaddedConvNd(1, 2, (2, 1, 2, 2, 2, 1), (1, 2, 1, 1, 2, 1), pads=pads).double()
    x = torch.randn(2, 1, 2, 3, 2, 2, 2, 2, dtype=torch.float64)
    torch.testing.assert_close(module(x), convolve_slowly(module, x, pads))


@pytest.mark.parametrize("places", [*permutations(range(5), 3)][::7])
@pytest.mark.parametrize("groups", [1, 3])
def test_with_axes_of_one_cell_it_is_torchs_own(places: tuple[int, ...], groups: int) -> None:
    """Three axes of five, in any order, hold the input; the others have one cell, a size of 1 and no padding."""
    own = torch.nn.Conv3d(3, 6, (3, 2, 3), (1, 2, 2), (1, 0, 2), (2, 1, 1), groups).double()
    sizes, strides, dilations, pads, extents = [1] * 5, [1] * 5, [1] * 5, [(0, 0)] * 5, [1] * 5
    x = torch.randn(2, 3, 5, 4, 6, dtype=torch.float64)
    for axis, place in enumerate(sorted(places)):
        sizes[place], strides[place], dilations[place] = (
            int(numbers[axis]) for numbers in (own.kernel_size, own.stride, own.dilation)
        )
        pads[place], extents[place] = (int(own.padding[axis]),) * 2, x.shape[2 + axis]
    module = PaddedConvNd(3, 6, sizes, strides, dilations, groups, pads=pads).double()
    module.load_state_dict({"weight": own.weight.reshape(module.weight.shape), "bias": own.bias})
    expected = own(x)
    output = module(x.reshape(2, 3, *extents))
    assert [extent for extent in output.shape[2:] if extent > 1] == [e for e in expected.shape[2:] if e > 1]
    torch.testing.assert_close(output.reshape(expected.shape), expected)


def test_slopes_are_right() -> None:
    pads = [(1, 0), (0, 1), (0, 0), (1, 1)]
    module = PaddedConvNd(2, 2, 2, (2, 1, 1, 1), (1, 2, 1, 1), groups=2, pads=pads, fill=2.0).double()
    x = torch.randn(1, 2, 2, 2, 2, 1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))
    for name, parameter in module.named_parameters():

        def run(values: torch.Tensor, name: str = name) -> Any:
            return torch.func.functional_call(module, {name: values}, (x.detach(),))

        assert torch.autograd.gradcheck(run, parameter)


@pytest.mark.parametrize("mode", MODES)
def test_it_has_every_way_out(mode: str) -> None:
    pads = [(1, 0), (0, 1), (1, 1), (0, 0)]
    module = PaddedConvNd(2, 4, (2, 3, 2, 1), (2, 1, 1, 1), (1, 1, 2, 1), groups=2, padding_mode=mode, pads=pads)
    check_ways_out(module, torch.randn(1, 2, 3, 3, 3, 2))


@pytest.mark.parametrize("axes", [4, 5, 7])
@pytest.mark.parametrize("groups", [1, 2])
def test_measure_counts_what_the_formula_counts(axes: int, groups: int) -> None:
    extents, sizes, strides = [5, 4, 3, 2, 3, 2, 2][:axes], [3, 2, 1, 2, 2, 1, 2][:axes], [2, 1, 1, 1, 2, 1, 1][:axes]
    pads = [(1, 1)] * axes
    module = PaddedConvNd(2, 4, sizes, strides, groups=groups, pads=pads)
    made = [convolve_extent(e, k, s, pad=(1, 1)) for e, k, s in zip(extents, sizes, strides, strict=True)]
    table = measure(module, (2, *extents), batch=3)
    assert table.multiplies == count_convolution_multiplies(2, 4, sizes, made, groups, batch=3)
    assert table.rows[-1].output == (4, *made)
    assert {row.status for row in table.rows} == {"exact"}
    field = table.rows[-1].field
    assert field is not None
    assert (field.size, field.offset) == (tuple(sizes), (-1,) * axes)


def test_three_axes_are_convolved_as_torch_does_it() -> None:
    """Every axis but the last three has one tap: the sum over places is left to torch."""
    module = PaddedConvNd(1, 1, (1, 2, 2, 2), pads=[(0, 0)] * 4, bias=False)
    x = torch.randn(1, 1, 3, 3, 3, 3)
    for place in range(3):
        torch.testing.assert_close(module(x)[:, :, place], F.conv3d(x[:, :, place], module.weight[:, :, 0]))


def test_another_number_of_axes_is_named() -> None:
    with pytest.raises(ShapeError, match="found an input of 1x1x3x3x3, needed batch, channels and 4 axes"):
        PaddedConvNd(1, 1, 2, pads=[(0, 0)] * 4)(torch.zeros(1, 1, 3, 3, 3))


def test_repr_tells_the_padding() -> None:
    shown = repr(PaddedConvNd(2, 4, 2, pads=[(0, 1)] * 4, fill=-1.0))
    assert shown.startswith("PaddedConvNd(2, 4, kernel_size=(2, 2, 2, 2), stride=(1, 1, 1, 1), pads=((0, 1), ")
    assert shown.endswith(", fill=-1.0)")


def test_meta_and_a_lower_precision_are_taken() -> None:
    module, x = PaddedConvNd(2, 2, 2, pads=[(0, 1)] * 4, fill=1.0), torch.randn(1, 2, 3, 2, 3, 2)
    with torch.autocast("cpu", torch.bfloat16):
        near = module(x)
    assert near.dtype == torch.bfloat16
    torch.testing.assert_close(near.float(), module(x), rtol=0.05, atol=0.05)
    assert module.to("meta")(x.to("meta")).shape == near.shape
