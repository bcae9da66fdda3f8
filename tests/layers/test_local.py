"""Local connection against loops with a kernel per cell, and against convolution where all cells have the same one."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.layers.loops import find_source, walk
from tests.layers.waysout import check_ways_out
from torch import Tensor

from striate.arithmetic import compute_span, convolve_extent, count_convolution_multiplies, count_unshared_parameters
from striate.errors import InputError, ShapeError
from striate.layers import LocalConv, make_convolution
from striate.measure import measure
from striate.measure.advice.catalogue import advise

CHANNELS = [(1, 2, 1), (2, 4, 2), (4, 2, 2), (2, 2, 2), (3, 2, 1)]
numbers = st.tuples(*(st.integers(low, high) for low, high in ((2, 5), (1, 3), (1, 3), (1, 2), (0, 2), (0, 2))))


def connect_slowly(module: LocalConv, x: Tensor) -> Tensor:
    """Sum every product in loops over output cells, channels and taps, each cell with its own kernel."""
    extents = x.shape[2:]
    axes = list(zip(extents, module.kernel_size, module.stride, module.dilation, module.pads, strict=True))
    places = [convolve_extent(*axis) for axis in axes]
    output = torch.zeros(len(x), module.out_channels, *places, dtype=x.dtype)
    width, heads = module.in_channels // module.groups, module.out_channels // module.groups
    for cell in walk(places):
        for channel in range(module.out_channels):
            here: Any = (slice(None), channel, *cell)
            for near in range(width):
                for tap in walk(module.kernel_size):
                    seen = [
                        find_source(c * s - pad[0] + t * d, extent, "zeros")
                        for c, t, (extent, _, s, d, pad) in zip(cell, tap, axes, strict=True)
                    ]
                    if None not in seen:
                        place: Any = (slice(None), channel // heads * width + near, *seen)
                        output[here] += x[place] * module.weight[(*cell, channel, near, *tap)]
            if module.bias is not None:
                output[here] += module.bias[(channel, *cell)]
    return output


@settings(deadline=None, max_examples=80)
@given(st.lists(numbers, min_size=1, max_size=2), st.sampled_from(CHANNELS), st.booleans())
def test_one_and_two_axes_are_the_loops_sum(
    axes: list[tuple[int, ...]], channels: tuple[int, int, int], bias: bool
) -> None:
    extents, sizes, strides, dilations, before, after = zip(*axes, strict=True)
    pads = list(zip(before, after, strict=True))
    spans = map(compute_span, sizes, dilations)
    assume(all(e + sum(pad) >= span for e, pad, span in zip(extents, pads, spans, strict=True)))
    inner, outer, groups = channels
    module = LocalConv(inner, outer, extents, sizes, strides, pads, dilations, groups, bias).double()
    x = torch.randn(2, inner, *extents, dtype=torch.float64)
    torch.testing.assert_close(module(x), connect_slowly(module, x))


@pytest.mark.parametrize(
    ("extents", "sizes", "strides", "pads", "dilations"),
    [
        ((3, 4, 3), (2, 3, 1), (1, 2, 2), [(0, 1), (2, 0), (0, 0)], (2, 1, 1)),
        ((2, 3, 2, 3), (2, 1, 2, 2), (1, 2, 1, 1), [(1, 0), (0, 0), (0, 0), (0, 1)], (1, 1, 1, 2)),
    ],
)
def test_three_and_four_axes_are_the_loops_sum(
    extents: tuple[int, ...],
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
    pads: list[tuple[int, int]],
    dilations: tuple[int, ...],
) -> None:
    module = LocalConv(2, 2, extents, sizes, strides, pads, dilations, groups=2).double()
    x = torch.randn(2, 2, *extents, dtype=torch.float64)
    torch.testing.assert_close(module(x), connect_slowly(module, x))


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_one_kernel_for_all_cells_is_a_convolution(axes: int) -> None:
    extents, pads = (5, 4, 3, 4)[:axes], [(1, 0), (0, 2), (1, 1), (0, 1)][:axes]
    shared: Any = make_convolution(axes, 2, 4, 2, 2, pads, dilation=1, groups=2).double()
    module = LocalConv(2, 4, extents, 2, 2, pads, groups=2).double()
    weight = shared.weight.detach().expand(module.weight.shape)
    assert module.bias is not None
    bias = shared.bias.detach().reshape(-1, *[1] * axes).expand(module.bias.shape)
    module.load_state_dict({"weight": weight, "bias": bias})
    x = torch.randn(3, 2, *extents, dtype=torch.float64)
    torch.testing.assert_close(module(x), shared(x))


@pytest.mark.parametrize("extents", [(4,), (3, 2), (2, 2, 3)])
def test_slopes_are_right(extents: tuple[int, ...]) -> None:
    module = LocalConv(2, 2, extents, 2, pads=[(1, 0)] * len(extents), dilation=1, groups=2).double()
    x = torch.randn(2, 2, *extents, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))

    def call(weight: Tensor, bias: Tensor) -> Tensor:
        output: Tensor = torch.func.functional_call(module, {"weight": weight, "bias": bias}, x.detach())
        return output

    assert module.bias is not None
    assert torch.autograd.gradcheck(call, (module.weight, module.bias))


@settings(deadline=None, max_examples=20)
@given(st.lists(numbers, min_size=1, max_size=3), st.sampled_from(CHANNELS), st.integers(1, 3))
def test_figures_are_those_of_the_formulas(
    axes: list[tuple[int, ...]], channels: tuple[int, int, int], batch: int
) -> None:
    extents, sizes, strides, dilations, before, after = zip(*axes, strict=True)
    pads = list(zip(before, after, strict=True))
    spans = map(compute_span, sizes, dilations)
    assume(all(e + sum(pad) >= span for e, pad, span in zip(extents, pads, spans, strict=True)))
    inner, outer, groups = channels
    module = LocalConv(inner, outer, extents, sizes, strides, pads, dilations, groups)
    table = measure(module, input=(inner, *extents), batch=batch)
    places = module.output_extents
    assert table.multiplies == count_convolution_multiplies(inner, outer, sizes, places, groups, batch)
    assert table.parameters == count_unshared_parameters(inner, outer, sizes, places, groups)
    assert {row.status for row in table.rows} == {"exact"}
    assert table.training_bytes
    assert isinstance(advise(table), tuple)


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
@pytest.mark.parametrize("dilation", [1, 2])
def test_the_field_is_the_convolutions(axes: int, dilation: int) -> None:
    extents = (9, 8, 7, 8)[:axes]
    pads, strides = [(1, 2)] * axes, (2, 1, 1, 2)[:axes]
    local = measure(LocalConv(2, 2, extents, 3, strides, pads, dilation), input=(2, *extents))
    shared = measure(make_convolution(axes, 2, 2, 3, strides, pads, dilation), input=(2, *extents))
    assert local.rows[-1].field == shared.rows[-1].field
    for cell in walk([2] * axes):
        assert local.field_at(-1, cell).mask.tolist() == shared.field_at(-1, cell).mask.tolist()


@pytest.mark.parametrize(
    "module",
    [
        LocalConv(2, 4, (9,), 3, 2, [(1, 1)], 2),
        LocalConv(2, 4, (6, 5), (3, 2), 2, [(1, 1), (0, 1)], 1, 2),
        LocalConv(2, 2, (3, 2, 3, 2), 2, bias=False),
    ],
    ids=["1", "2", "4"],
)
def test_it_can_be_taken_away(module: LocalConv) -> None:
    check_ways_out(module, torch.randn(1, module.in_channels, *module.extents))


def test_another_input_is_refused_in_one_line() -> None:
    module = LocalConv(3, 2, (8, 8), 3)
    with pytest.raises(ShapeError, match="the input is 3x8x9, but the layer has weights for each cell of 3x8x8"):
        module(torch.zeros(1, 3, 8, 9))
    with pytest.raises(ShapeError, match="the input is 2x8x8"):
        module(torch.zeros(1, 2, 8, 8))
    with pytest.raises(ShapeError, match="the input is 8x8"):
        module(torch.zeros(3, 8, 8))


def test_bad_numbers_are_named() -> None:
    with pytest.raises(ShapeError, match="groups is 2"):
        LocalConv(3, 4, (8,), 3, groups=2)
    with pytest.raises(InputError, match="kernel_size is given for 1 axes"):
        LocalConv(3, 4, (8, 8), (3,))
    with pytest.raises(ShapeError, match="padding -1 before"):
        LocalConv(3, 4, (8,), 3, pads=[(-1, 0)])
    with pytest.raises(ShapeError, match="7"):
        LocalConv(3, 4, (6,), 7)


def test_the_output_lies_as_torchs_does_and_keeps_the_precision() -> None:
    module = LocalConv(2, 4, (6, 5), 3)
    x = torch.randn(2, 2, 6, 5)
    assert module(x).is_contiguous()
    with torch.autocast("cpu", torch.bfloat16):
        near = module(x)
    assert near.dtype == torch.bfloat16
    torch.testing.assert_close(near.float(), module(x), rtol=0.05, atol=0.05)


def test_it_begins_as_torchs_convolution_does() -> None:
    torch.manual_seed(0)
    module = LocalConv(4, 8, (12, 12), 3, pads=[(1, 1), (1, 1)])
    bound = 1 / math.sqrt(4 * 9)
    assert module.fans == (36, 72)
    for parameter in module.parameters():
        assert 0.98 * bound < parameter.abs().max() <= bound
        assert abs(parameter.var() / (bound**2 / 3) - 1) < 0.1


def test_repr_tells_what_it_is() -> None:
    module = LocalConv(2, 4, (6,), 3, 2, [(0, 1)], 2, 2, bias=False)
    assert repr(module) == (
        "LocalConv(2, 4, extents=(6,), kernel_size=(3,), stride=(2,), pads=((0, 1),), dilation=(2,), groups=2, "
        "bias=False)"
    )
