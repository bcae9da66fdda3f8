"""Reaches in several steps against the same reaches one after the other."""

from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.rules.support import draw_back

from striate.arithmetic import Window
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Digit, Joined, Listed, Only, Reach, Same, Slide, Whole
from striate.measure.rules.steps import look_through, merge, read_through

Shape = tuple[int, ...]


@st.composite
def reaches(draw: st.DrawFn, above: Shape) -> tuple[Reach, Shape]:
    """A value's reach over the axes of `above`, each used by one axis at most, and the value's shape."""
    rest = list(range(len(above)))
    reach: list[Axis] = []
    shape: list[int] = []
    for _ in range(draw(st.integers(1, 3))):
        extent = draw(st.integers(1, 4))
        choice = draw(st.sampled_from(["same", "slide", "listed", "joined", "digit", "only", "whole"]))
        if choice in ("only", "whole") or not rest:
            reach.append(Only(range(draw(st.integers(0, extent - 1)), extent)) if choice == "only" else Whole())
            shape.append(extent)
            continue
        dim = rest.pop(draw(st.integers(0, len(rest) - 1)))
        cells = above[dim]
        if choice == "slide":
            reach.append(Slide(dim, Window(2, draw(st.integers(1, 2)), before=draw(st.integers(0, 1)))))
        elif choice == "listed":
            window = st.sets(st.integers(0, extent - 1)).map(lambda found: tuple(sorted(found)))
            reach.append(Listed(dim, tuple(draw(window) for _ in range(cells))))
        elif choice == "joined" and rest:
            other = rest.pop()
            reach.append(Joined((dim, other), (cells, above[other])))
            extent = cells * above[other]
        elif choice == "digit":
            reach.append(Digit(dim, 1, extent))
        else:
            reach.append(Same(dim))
            extent = cells
        shape.append(extent)
    return tuple(reach), tuple(shape)


@st.composite
def chains(draw: st.DrawFn) -> tuple[Shape, list[tuple[Reach, Shape]]]:
    """Two reaches, one after the other: the input's shape, then what each reads and of which shape it is."""
    output = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    upper, middle = draw(reaches(output))
    if draw(st.booleans()):
        order = draw(st.permutations(range(len(output))))
        upper, middle = tuple(map(Same, order)), tuple(output[axis] for axis in order)
    lower, shape = draw(reaches(middle))
    return shape, [(lower, middle), (upper, output)]


def _make(shape: Shape, output: Shape) -> tuple[Value, Operation]:
    value = Value(shape, (), "float32", 4, 0, origin="input")
    operation = Operation(0, "striate.step.default", (), {}, (), "", 0)
    operation.outputs = (Value(output, (), "float32", 4, 0, maker=operation),)
    return value, operation


@given(chains())
def test_steps_read_what_the_reaches_read_one_after_the_other(chain: tuple[Shape, list[tuple[Reach, Shape]]]) -> None:
    shape, [(lower, middle), (upper, output)] = chain
    value, operation = _make(shape, output)
    [(source, reach)] = read_through(operation, value, (lower, middle), (upper, output))
    between, second = _make(middle, output)
    second.arguments = (between, upper)
    first_value, first = _make(shape, middle)
    first.arguments = (first_value, lower)
    operation.arguments = (source, reach)
    for cell in np.ndindex(*output):
        wanted = np.zeros(shape, bool)
        for place in np.argwhere(draw_back(between, second.outputs[0], cell)):
            wanted |= draw_back(first_value, first.outputs[0], tuple(map(int, place)))
        assert np.array_equal(draw_back(value, operation.outputs[0], cell), wanted)


@given(chains())
def test_what_is_merged_is_one_reach(chain: tuple[Shape, list[tuple[Reach, Shape]]]) -> None:
    shape, [(lower, middle), (upper, output)] = chain
    merged = merge(lower, upper)
    value, operation = _make(shape, output)
    [(source, reach)] = read_through(operation, value, (lower, middle), (upper, output))
    if merged is None:
        assert look_through(source) == [(value, lower)]
        assert (source.shape, prod(source.shape)) == (middle, prod(middle))
    else:
        assert (source, reach) == (value, merged)
        assert look_through(source) is None
