"""The ways to write a window's cells down, against every shape that numbers can make."""

from __future__ import annotations

from itertools import combinations, product
from math import prod

import pytest
from torch import fx

from striate.nets.convert.axis import Axis
from striate.nets.convert.flow import Flow, write_shape

Shape = tuple[int, ...]
NODE = fx.Graph().placeholder("input")


def make_flow(channels: int, cells: Shape, shape: Shape = ()) -> Flow:
    return Flow(NODE, channels, tuple(map(Axis, cells)), shape)


def list_ways(channels: int, cells: Shape) -> set[Shape]:
    """As rows, flat, or a map of as many axes at most, those of one cell at any place: written down one by one."""
    ways = {(channels, prod(cells)), (channels * prod(cells),)}
    kept = [number for number in cells if number > 1]
    for length in range(len(kept), len(cells) + 1):
        for places in combinations(range(length), len(kept)):
            way = [1] * length
            for place, number in zip(places, kept, strict=True):
                way[place] = number
            ways.add((channels, *way))
    return ways


@pytest.mark.parametrize(
    ("channels", "cells"), [(2, (3,)), (2, (2, 3)), (3, (1, 2)), (2, (1, 1)), (1, (2, 2)), (1, (1,))]
)
def test_a_shape_spells_the_cells_if_one_of_the_ways_writes_it(channels: int, cells: Shape) -> None:
    flow, ways = make_flow(channels, cells), list_ways(channels, cells)
    for length in range(1, len(cells) + 2):
        for shape in product(range(1, 7), repeat=length):
            assert flow.spells(shape) == (shape in ways), shape
    for way in ways:
        assert flow.spells(way)
        assert prod(way) == channels * prod(cells)


def test_axes_of_one_cell_more_are_the_same_cells_but_none_before_the_channels() -> None:
    flow = make_flow(4, (3, 2))
    assert flow.spells((4, 1, 3, 1, 2, 1))
    assert not flow.spells((1, 4, 3, 2))
    assert not flow.spells((4, 2, 3))
    assert not flow.spells(())


@pytest.mark.parametrize(
    ("cells", "shape", "is_map", "is_flat"),
    [
        ((2, 3), (4, 2, 3), True, False),
        ((2, 3), (24,), False, True),
        ((2, 3), (4, 6), False, False),
        ((1, 1), (4,), False, True),
        ((), (4,), True, True),
    ],
)
def test_what_the_original_has_here(cells: Shape, shape: Shape, is_map: bool, is_flat: bool) -> None:
    flow = make_flow(4, cells, shape)
    assert (flow.is_map, flow.is_flat) == (is_map, is_flat)
    assert flow.cells == cells
    assert flow.is_single == all(number == 1 for number in cells)


def test_a_shape_without_axes_is_one_number() -> None:
    assert write_shape(()) == "one number"
    assert write_shape((12,)) == "12"
