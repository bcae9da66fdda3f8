"""Counts against the parameters that torch's layers hold, and against loops that count every product."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from striate.arithmetic import (
    count_convolution_multiplies,
    count_convolution_parameters,
    count_linear_multiplies,
    count_linear_parameters,
    count_norm_parameters,
    count_transposed_multiplies,
)
from striate.errors import ShapeError

CONVOLUTIONS: tuple[type[nn.Module], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED: tuple[type[nn.Module], ...] = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
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


def test_groups_that_do_not_divide_are_refused() -> None:
    for channels in ((4, 6), (6, 4)):
        with pytest.raises(ShapeError, match=r"groups is 4, but it must divide \d input and \d output channels"):
            count_convolution_parameters(*channels, (3,), groups=4)
    with pytest.raises(ShapeError, match="groups is 0"):
        count_transposed_multiplies(4, 4, (3,), (8,), groups=0)
