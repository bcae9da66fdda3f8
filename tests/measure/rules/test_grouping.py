"""Shapes read as other shapes, against the row-major numbers that numpy gives."""

from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from striate.measure.bits import carry, list_bits
from striate.measure.reach import Reach
from striate.measure.rules.grouping import link_permuted, link_shapes

Shape = tuple[int, ...]


@st.composite
def shapes(draw: st.DrawFn) -> tuple[Shape, Shape]:
    """Two shapes of equally many cells: the same small factors, in any order, multiplied in other groups."""
    factors = draw(st.lists(st.sampled_from([1, 2, 2, 3, 5]), min_size=1, max_size=5))
    other = draw(st.permutations(factors)) if draw(st.booleans()) else factors
    return draw(_groups(factors)), draw(_groups(list(other)))


@st.composite
def _groups(draw: st.DrawFn, factors: list[int]) -> Shape:
    cuts = sorted(draw(st.sets(st.integers(0, len(factors)))))
    parts = np.split(np.array(factors), cuts)
    return tuple(int(prod(part.tolist())) for part in parts)


def follow(reach: Reach, cell: Shape, shape: Shape) -> Shape:
    """The one cell of a value of `shape` that a cell reads."""
    made = [
        list(list_bits(carry(axis, [1 << place for place in cell], n))) for axis, n in zip(reach, shape, strict=True)
    ]
    assert all(len(indices) == 1 for indices in made)
    return tuple(indices[0] for indices in made)


@given(shapes())
def test_a_cell_keeps_its_number(pair: tuple[Shape, Shape]) -> None:
    shape, output = pair
    (lower, middle), (upper, last) = link_shapes(shape, output)
    assert last == output
    assert prod(middle) == prod(shape)
    for number in range(prod(output)):
        cell = tuple(map(int, np.unravel_index(number, output)))
        between = follow(upper, cell, middle)
        assert np.ravel_multi_index(follow(lower, between, shape), shape) == number


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_permuted_axes_are_those_of_numpy(shape: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(shape))))
    cells = np.arange(prod(shape)).reshape(shape)
    reach, made = link_permuted(tuple(shape), order)
    permuted = cells.transpose(order)
    assert made == permuted.shape
    for cell in np.ndindex(*made):
        assert cells[follow(reach, cell, tuple(shape))] == permuted[cell]
