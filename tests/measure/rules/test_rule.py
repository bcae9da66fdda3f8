"""The reaches that rules share, against numpy's broadcasting, cell by cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Only, Same, Whole
from striate.measure.rules.rule import read_alike, read_everything, spread

Shape = tuple[int, ...]


def make_value(shape: Shape) -> Value:
    return Value(shape, (1,) * len(shape), "float32", 4, 0)


def make_operation(output: Shape, *inputs: Shape) -> Operation:
    """An operation that takes its inputs in a list, as `cat` does, and one more by name."""
    first, *rest = map(make_value, inputs)
    return Operation(0, "aten.any.default", (3, rest), {"first": first}, (make_value(output),), "", 0)


def list_cells(axis: Axis, extent: int, cell: Shape) -> set[int]:
    """The indices that one axis of a reach means for one output cell."""
    if isinstance(axis, Same):
        return {cell[axis.dim]}
    return set(axis.cells) if isinstance(axis, Only) else set(range(extent))


@st.composite
def broadcasts(draw: st.DrawFn) -> tuple[Shape, Shape]:
    """A shape, and one that is broadcast to it: axes missing in front, others of one cell."""
    shape = tuple(draw(st.lists(st.integers(1, 3), min_size=0, max_size=4)))
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(1 if draw(st.booleans()) else extent for extent in kept), shape


@given(broadcasts())
def test_spread_reads_the_cell_that_broadcasting_puts_there(shapes: tuple[Shape, Shape]) -> None:
    small, whole = shapes
    numbers = np.arange(int(np.prod(small))).reshape(small)
    placed = np.broadcast_to(numbers, whole)
    reach = spread(make_value(small), whole)
    assert len(reach) == len(small)
    for cell in product(*map(range, whole)):
        read = product(*(list_cells(axis, extent, cell) for axis, extent in zip(reach, small, strict=True)))
        assert [numbers[index] for index in read] == [placed[cell]]


def test_an_axis_that_both_have_with_one_cell_is_the_same_axis() -> None:
    assert spread(make_value((1, 3)), (2, 1, 3)) == (Same(1), Same(2))
    assert spread(make_value((1, 3)), (2, 4, 3)) == (Only(range(1)), Same(2))


@pytest.mark.parametrize("inputs", [((2, 3),), ((2, 3), (3,)), ((1, 1), (2, 1), (2, 3), ())])
def test_every_input_is_read_once_in_its_order(inputs: tuple[Shape, ...]) -> None:
    operation = make_operation((2, 3), *inputs)
    for read in (read_alike, read_everything):
        found = read(operation, 0)
        assert [value for value, _ in found] == list(operation.inputs)
        assert [len(reach) for _, reach in found] == [len(value.shape) for value in operation.inputs]


def test_an_input_that_is_given_twice_is_read_twice() -> None:
    value = make_value((2, 3))
    operation = Operation(0, "aten.mul.Tensor", (value, value), {}, (make_value((2, 3)),), "", 0)
    assert [read for read, _ in read_alike(operation)] == [value, value]


def test_the_reach_is_that_of_the_output_asked_for() -> None:
    operation = make_operation((2, 3), (1, 3))
    operation.outputs += (make_value((1, 3)),)
    assert read_alike(operation, 0)[0][1] == (Only(range(1)), Same(1))
    assert read_alike(operation, 1)[0][1] == (Same(0), Same(1))


def test_everything_is_every_cell_whatever_the_output() -> None:
    shape = (2, 1, 3)
    ((_, reach),) = read_everything(make_operation((), shape))
    assert all(isinstance(axis, Whole) for axis in reach)
    assert [list_cells(axis, extent, ()) for axis, extent in zip(reach, shape, strict=True)] == [{0, 1}, {0}, {0, 1, 2}]
