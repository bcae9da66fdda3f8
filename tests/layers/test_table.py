"""Partly connected convolution against loops over a kernel with holes, and LeNet-5's C3 as its paper counts it."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.layers.loops import convolve_slowly
from tests.layers.waysout import check_ways_out
from torch import Tensor

from striate.arithmetic import compute_span, count_table_multiplies, count_table_parameters
from striate.errors import ShapeError
from striate.layers import TableConv, make_convolution
from striate.measure import measure
from striate.measure.advice.catalogue import advise

C3 = "111000 011100 001110 000111 100011 110001 111100 011110 001111 100111 110011 111001 110110 011011 101101 111111"
MODES = ("zeros", "reflect", "replicate", "circular")
numbers = st.tuples(*(st.integers(low, high) for low, high in ((3, 5), (1, 3), (1, 2), (1, 2), (0, 2), (0, 2))))


def read_rows(text: str) -> list[tuple[int, ...]]:
    return [tuple(place for place, digit in enumerate(row) if digit == "1") for row in text.split()]


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, ...]]]:
    """Input channels, output channels and a table that fits them."""
    inner, rows, maps = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    row = st.sets(st.integers(0, inner - 1), min_size=1).map(lambda channels: tuple(sorted(channels)))
    return inner, rows * maps, draw(st.lists(row, min_size=rows, max_size=rows))


def fill_in(module: TableConv) -> Tensor:
    """The whole kernel, 0 where nothing is connected: the connections counted off one by one."""
    sizes = module.kernel_size
    whole = torch.zeros(module.out_channels, module.in_channels, *sizes, dtype=module.weight.dtype)
    place, rows = 0, len(module.table)
    for output in range(module.out_channels):
        for near in range(module.in_channels):
            if near in module.table[output * rows // module.out_channels]:
                whole[output, near] = module.weight[place]
                place += 1
    assert place == len(module.weight)
    return whole


def convolve_whole(module: TableConv, x: Tensor) -> Tensor:
    """The loops of a convolution, over the kernel with holes."""
    twin = SimpleNamespace(**{name: getattr(module, name) for name in ("in_channels", "out_channels", "bias")})
    twin.groups, twin.weight, twin.padding_mode = 1, fill_in(module), module.padding_mode
    twin.kernel_size, twin.stride, twin.dilation = module.kernel_size, module.stride, module.dilation
    return convolve_slowly(twin, x, module.pads, module.fill)


def make_random(axes: list[tuple[int, ...]], drawn: Any, **options: Any) -> tuple[TableConv, tuple[int, ...]]:
    extents, sizes, strides, dilations, before, after = zip(*axes, strict=True)
    pads = list(zip(before, after, strict=True))
    spans = map(compute_span, sizes, dilations)
    assume(all(e + sum(pad) >= span for e, pad, span in zip(extents, pads, spans, strict=True)))
    inner, outer, table = drawn
    return TableConv(inner, outer, table, sizes, strides, pads, dilations, **options), (inner, *extents)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(numbers, min_size=1, max_size=2),
    tables(),
    st.booleans(),
    st.sampled_from(MODES),
    st.sampled_from([0.0, -1]),
)
def test_any_table_is_the_loops_sum(
    axes: list[tuple[int, ...]], drawn: Any, bias: bool, mode: str, fill: float
) -> None:
    fill = fill if mode == "zeros" else 0.0
    module, shape = make_random(axes, drawn, bias=bias, padding_mode=mode, fill=fill)
    x = torch.randn(2, *shape, dtype=torch.float64)
    torch.testing.assert_close(module.double()(x), convolve_whole(module, x))


@pytest.mark.parametrize("axes", [3, 4])
def test_more_axes_are_the_loops_sum(axes: int) -> None:
    table = [(1,), (0, 2), (2,), (0, 1)]
    pads = [(1, 0), (0, 1), (0, 0), (1, 1)][:axes]
    module = TableConv(3, 8, table, (2, 1, 2, 2)[:axes], (1, 2, 1, 2)[:axes], pads, (1, 1, 2, 1)[:axes]).double()
    x = torch.randn(2, 3, *(2, 3, 3, 2)[:axes], dtype=torch.float64)
    torch.testing.assert_close(module(x), convolve_whole(module, x))


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
@pytest.mark.parametrize("rows", [1, 2, 4])
def test_a_full_table_is_a_convolution(axes: int, rows: int) -> None:
    pads = [(1, 1)] * axes
    whole: Any = make_convolution(axes, 3, 4, 3, 2, pads, padding_mode="circular")
    module = TableConv(3, 4, [(0, 1, 2)] * rows, (3,) * axes, 2, pads, padding_mode="circular")
    module.load_state_dict({"weight": whole.weight.detach().flatten(0, 1), "bias": whole.bias.detach()})
    x = torch.randn(2, 3, *(4, 5, 4, 3)[:axes])
    torch.testing.assert_close(module(x), whole(x))


def test_a_row_per_group_is_a_grouped_convolution() -> None:
    grouped = torch.nn.Conv1d(4, 6, 3, groups=2)
    module = TableConv(4, 6, [(0, 1), (2, 3)], (3,))
    assert grouped.bias is not None
    module.load_state_dict({"weight": grouped.weight.detach().flatten(0, 1), "bias": grouped.bias.detach()})
    x = torch.randn(2, 4, 7)
    torch.testing.assert_close(module(x), grouped(x))


def test_lenets_third_layer_as_its_paper_counts_it() -> None:
    module = TableConv(6, 16, read_rows(C3), (5, 5))
    table = measure(module, input=(6, 14, 14))
    assert table.parameters == 1516
    assert table.multiplies + 16 * 10 * 10 == 151_600  # its "connections" count each bias too
    assert [row.multiplies for row in table.rows if row.kind == "conv"] == [45_000, 90_000, 15_000]


@settings(deadline=None, max_examples=20)
@given(st.lists(numbers, min_size=1, max_size=3), tables(), st.integers(1, 2))
def test_figures_are_those_of_the_formulas(axes: list[tuple[int, ...]], drawn: Any, batch: int) -> None:
    module, shape = make_random(axes, drawn)
    table = measure(module, input=shape, batch=batch)
    connections = drawn[1] // len(drawn[2]) * sum(map(len, drawn[2]))
    places = table.rows[-1].output[1:]
    assert table.multiplies == count_table_multiplies(connections, module.kernel_size, places, batch)
    assert table.parameters == count_table_parameters(connections, drawn[1], module.kernel_size)
    assert len([row for row in table.rows if row.multiplies]) == len({*map(len, drawn[2])})
    assert {row.status for row in table.rows} == {"exact"}
    assert table.training_bytes
    assert isinstance(advise(table), tuple)


@pytest.mark.parametrize("axes", [1, 2, 3, 4])
def test_the_field_is_the_convolutions(axes: int) -> None:
    pads, extents = [(1, 2)] * axes, (6, 7, 6, 5)[:axes]
    table = [(0,), (1, 2), (0, 2), (1,)]
    partial = measure(TableConv(3, 4, table, (3,) * axes, 2, pads), input=(3, *extents))
    whole = measure(make_convolution(axes, 3, 4, 3, 2, pads), input=(3, *extents))
    assert partial.rows[-1].field == whole.rows[-1].field
    cell = (1,) * axes
    assert partial.field_at(-1, cell).mask.tolist() == whole.field_at(-1, cell).mask.tolist()


def test_slopes_are_right() -> None:
    module = TableConv(3, 4, [(0, 2), (1,)], (2, 2), pads=[(1, 0), (0, 1)], padding_mode="replicate").double()
    x = torch.randn(2, 3, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(module, (x,))

    def call(weight: Tensor, bias: Tensor) -> Tensor:
        output: Tensor = torch.func.functional_call(module, {"weight": weight, "bias": bias}, x.detach())
        return output

    assert module.bias is not None
    assert torch.autograd.gradcheck(call, (module.weight, module.bias))


@pytest.mark.parametrize("axes", [1, 2, 4])
def test_it_can_be_taken_away(axes: int) -> None:
    table = [(0, 1), (2,), (0, 2), (1,)][: 5 - axes]
    module = TableConv(3, len(table) * 2, table, (2,) * axes, 2, [(1, 0)] * axes, bias=axes != 2)
    check_ways_out(module, torch.randn(1, 3, *(5, 4, 3, 2)[:axes]))


def test_bad_tables_are_named() -> None:
    with pytest.raises(ShapeError, match="the table has 3 rows, but they must divide the 4 output channels"):
        TableConv(2, 4, [(0,)] * 3, (3,))
    with pytest.raises(ShapeError, match="the table has 0 rows"):
        TableConv(2, 4, [], (3,))
    for row in ((), (2,), (1, 0), (0, 0), (-1,)):
        with pytest.raises(ShapeError, match="row 2 of the table lists the input channels"):
            TableConv(2, 4, [(0,), row], (3,))
    with pytest.raises(ShapeError, match="the input has 3 channels, but the table lists from 2"):
        TableConv(2, 4, [(0,), (1,)], (3,))(torch.zeros(1, 3, 8))


def test_it_begins_as_torchs_convolution_does() -> None:
    torch.manual_seed(0)
    module = TableConv(8, 64, [(0, 1, 2), (3, 4, 5, 6, 7)] * 16, (5, 5))
    bound = 1 / math.sqrt(4 * 25)
    assert module.fans == (100, 800)
    assert 0.98 * bound < module.weight.abs().max() <= bound
    assert abs(module.weight.var() / (bound**2 / 3) - 1) < 0.1


def test_repr_tells_what_it_is() -> None:
    module = TableConv(2, 4, [(0,), (0, 1)], (3,), 2, [(0, 1)], 2, bias=False, fill=-1.0)
    assert repr(module) == (
        "TableConv(2, 4, connections=6, kernel_size=(3,), stride=(2,), pads=((0, 1),), dilation=(2,), bias=False, "
        "fill=-1.0)"
    )
