"""Counts against the parameters that torch's layers hold, and against loops that count every product."""

from __future__ import annotations

from itertools import product

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from striate.arithmetic import (
    count_attention_multiplies,
    count_cell_biases,
    count_connected_multiplies,
    count_connected_parameters,
    count_convolution_multiplies,
    count_convolution_parameters,
    count_linear_multiplies,
    count_linear_parameters,
    count_lstm_multiplies,
    count_matrix_multiplies,
    count_norm_parameters,
    count_table_multiplies,
    count_table_parameters,
    count_transposed_multiplies,
    count_unshared_parameters,
)
from striate.errors import ShapeError

CONVOLUTIONS: tuple[type[nn.Module], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED: tuple[type[nn.Module], ...] = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
RECURRENT: dict[int, type[nn.Module]] = {1: nn.RNN, 3: nn.GRU, 4: nn.LSTM}
few = st.integers(1, 4)


def count_held(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def over(*extents: int) -> product[tuple[int, ...]]:
    return product(*(range(extent) for extent in extents))


@settings(deadline=None)
@given(few, few, few, st.lists(few, min_size=1, max_size=3), st.booleans())
def test_convolution_parameters_are_torchs(left: int, right: int, groups: int, sizes: list[int], bias: bool) -> None:
    channels = left * groups, right * groups
    ours = count_convolution_parameters(*channels, sizes, groups, bias)
    for kinds in (CONVOLUTIONS, TRANSPOSED):
        assert count_held(kinds[len(sizes) - 1](*channels, tuple(sizes), groups=groups, bias=bias)) == ours


@given(few, few, st.booleans())
def test_linear_and_norm_parameters_are_torchs(inward: int, outward: int, bias: bool) -> None:
    assert count_linear_parameters(inward, outward, bias) == count_held(nn.Linear(inward, outward, bias))
    for norm in (nn.BatchNorm2d(inward), nn.GroupNorm(1, inward), nn.LayerNorm(inward)):
        assert count_norm_parameters(inward) == count_held(norm)


@given(st.integers(1, 2), st.integers(1, 2), few, st.lists(st.tuples(few, few), min_size=1, max_size=2), few)
def test_convolution_multiplies_by_output_cells(
    left: int, right: int, groups: int, axes: list[tuple[int, int]], batch: int
) -> None:
    sizes, extents = zip(*axes, strict=True)
    products = 0
    for _, out_channel, _cell in product(range(batch), range(right * groups), over(*extents)):
        group = out_channel // right
        for _in_channel in range(group * left, (group + 1) * left):
            products += sum(1 for _tap in over(*sizes))
    ours = count_convolution_multiplies(left * groups, right * groups, sizes, extents, groups, batch)
    assert ours == products


@given(st.integers(1, 2), st.integers(1, 2), few, st.lists(st.tuples(few, few), min_size=1, max_size=2), few)
def test_transposed_multiplies_by_input_cells(
    left: int, right: int, groups: int, axes: list[tuple[int, int]], batch: int
) -> None:
    sizes, extents = zip(*axes, strict=True)
    products = 0
    for _, in_channel, _cell in product(range(batch), range(left * groups), over(*extents)):
        group = in_channel // left
        for _out_channel in range(group * right, (group + 1) * right):
            products += sum(1 for _tap in over(*sizes))
    ours = count_transposed_multiplies(left * groups, right * groups, sizes, extents, groups, batch)
    assert ours == products


@given(few, few, few)
def test_linear_multiplies_one_by_one(inward: int, outward: int, rows: int) -> None:
    assert count_linear_multiplies(inward, outward, rows) == sum(1 for _ in over(inward, outward, rows))


@given(few, st.lists(few, max_size=2), few, st.lists(few, max_size=2), st.booleans())
def test_connected_layers_hold_what_a_linear_layer_on_flat_values_holds(
    in_channels: int, in_extents: list[int], out_channels: int, out_extents: list[int], bias: bool
) -> None:
    inputs, outputs = (
        torch.zeros(channels, *extents).numel()
        for channels, extents in ((in_channels, in_extents), (out_channels, out_extents))
    )
    assert count_connected_parameters(inputs, outputs, bias) == count_held(nn.Linear(inputs, outputs, bias))
    assert count_connected_multiplies(inputs, outputs, 3) == 3 * count_held(nn.Linear(inputs, outputs, False))


@settings(deadline=None)
@given(st.integers(1, 2), st.integers(1, 2), few, st.lists(st.tuples(few, few), min_size=1, max_size=2), st.booleans())
def test_unshared_layers_hold_one_convolution_for_each_output_cell(
    left: int, right: int, groups: int, axes: list[tuple[int, int]], bias: bool
) -> None:
    sizes, extents = zip(*axes, strict=True)
    channels, kind = (left * groups, right * groups), CONVOLUTIONS[len(axes) - 1]
    held = sum(count_held(kind(*channels, sizes, groups=groups, bias=bias)) for _cell in over(*extents))
    assert count_unshared_parameters(*channels, sizes, extents, groups, bias) == held
    weights = count_unshared_parameters(*channels, sizes, extents, groups, bias=False)
    assert count_convolution_multiplies(*channels, sizes, extents, groups) == weights


@given(few, few, few, few)
def test_matrix_multiplies_one_by_one(rows: int, inner: int, columns: int, batch: int) -> None:
    assert count_matrix_multiplies(rows, inner, columns, batch) == sum(1 for _ in over(batch, rows, inner, columns))


@settings(deadline=None)
@given(few, few, few, few, few, few)
def test_attention_multiplies_are_half_of_torchs_count(
    batch: int, heads: int, queries: int, keys: int, key_width: int, value_width: int
) -> None:
    query, key = torch.zeros(batch, heads, queries, key_width), torch.zeros(batch, heads, keys, key_width)
    with FlopCounterMode(display=False) as counter:
        F.softmax(query @ key.mT, -1) @ torch.zeros(batch, heads, keys, value_width)
    ours = count_attention_multiplies(batch, heads, queries, keys, key_width, value_width)
    assert 2 * ours == counter.get_total_flops()


@settings(deadline=None)
@given(few, few, few, st.integers(2, 5), st.sampled_from([1, 3, 4]), st.booleans())
def test_recurrent_multiplies_use_each_held_weight_once_a_step(
    steps: int, batch: int, inputs: int, hidden: int, gates: int, projected: bool
) -> None:
    projection = hidden - 1 if projected and gates == 4 else 0
    options = {"proj_size": projection} if projection else {}
    layer = RECURRENT[gates](inputs, hidden, bias=False, **options)
    products = sum(count_held(layer) for _ in over(steps, batch))
    assert count_lstm_multiplies(steps, batch, inputs, hidden, gates, projection) == products


def test_groups_that_do_not_divide_are_refused() -> None:
    for channels in ((4, 6), (6, 4)):
        with pytest.raises(ShapeError, match=r"groups is 4, but it must divide \d input and \d output channels"):
            count_convolution_parameters(*channels, (3,), groups=4)
    with pytest.raises(ShapeError, match="groups is 0"):
        count_transposed_multiplies(4, 4, (3,), (8,), groups=0)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(few, min_size=1, max_size=3),
    few,
    few,
    st.booleans(),
)
def test_a_tables_kernels_counted_one_by_one(
    table: list[list[bool]], sizes: list[int], places: int, batch: int, bias: bool
) -> None:
    parameters = multiplies = 0
    for row in table:
        parameters += bias
        for _ in filter(None, row):
            for _ in product(*map(range, sizes)):
                parameters += 1
                multiplies += sum(1 for _ in product(range(places), range(places), range(batch)))
    connections = sum(map(sum, table))
    assert count_table_parameters(connections, len(table), sizes, bias) == parameters
    assert count_table_multiplies(connections, sizes, (places, places), batch) == multiplies


@given(few, st.lists(few, min_size=1, max_size=4))
def test_biases_of_cells_are_a_tensors_cells(channels: int, extents: list[int]) -> None:
    assert count_cell_biases(channels, extents) == torch.zeros(channels, *extents).numel()


def test_the_zip_code_network_of_1989_as_its_paper_counts_it() -> None:
    """Section 3.3: H1 768 biases and 25 weights a map, H2 192 and 200 weights a map, H3 30 units, 10 outputs."""
    first = count_cell_biases(12, (8, 8)) + count_table_parameters(12, 12, (5, 5), bias=False)
    second = count_cell_biases(12, (4, 4)) + count_table_parameters(12 * 8, 12, (5, 5), bias=False)
    assert (first, second) == (1068, 2592)
    assert first + second + count_linear_parameters(192, 30) + count_linear_parameters(30, 10) == 9760
    links = count_table_multiplies(12, (5, 5), (8, 8)), count_table_multiplies(12 * 8, (5, 5), (4, 4))
    assert links == (19_968 - 768, 38_592 - 192)
