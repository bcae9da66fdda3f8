"""One row-major shape read as another: which axes of the two count through the same cells, and by which digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod
from typing import TypeAlias

from striate.measure.reach import Axis, Digit, Joined, Only, Reach, Same

Shape: TypeAlias = tuple[int, ...]
Link: TypeAlias = tuple[Reach, Shape]


def link_shapes(input: Shape, output: Shape) -> tuple[Link, Link]:
    """Link two shapes of equally many cells by the finest one that both are made of: input <- middle <- output.

    Where the factors of some axes share no common refinement, one flat axis stands between for them.

    >>> (lower, middle), (upper, _) = link_shapes((2, 12), (4, 6))
    >>> middle, lower
    ((2, 2, 6), (Same(dim=0), Joined(dims=(1, 2), extents=(2, 6))))
    >>> upper
    (Digit(dim=0, divide=2, modulo=2), Digit(dim=0, divide=1, modulo=2), Same(dim=1))
    """
    middle: list[int] = []
    upper: list[Axis] = []
    lower: list[Axis] = [Only(range(1)) for _ in input]
    for below, above in _pair_axes(input, output):
        weights = _find_weights([input[dim] for dim in below], [output[dim] for dim in above])
        first = len(middle)
        middle.extend(high // low for high, low in pairwise(weights))
        if len(weights) == 2:
            upper.append(_join(above, output))
            for dim, digit in zip(below, _cut(below, input, first), strict=True):
                lower[dim] = digit
            continue
        upper.extend(_find_digit(above, output, high, low) for high, low in pairwise(weights))
        for dim, weight in zip(below, _weigh([input[dim] for dim in below]), strict=True):
            made = [first + place for place, low in enumerate(weights[1:]) if weight <= low < weight * input[dim]]
            lower[dim] = _join(made, middle)
    return (tuple(lower), tuple(middle)), (tuple(upper), output)


def _pair_axes(input: Shape, output: Shape) -> Iterator[tuple[list[int], list[int]]]:
    """Go through both shapes in the shortest groups of axes with equal products; axes of 1 are no part of any."""
    rest = [dim for dim, extent in enumerate(output) if extent > 1]
    below: list[int] = []
    above: list[int] = []
    cells = made = 1
    for dim, extent in enumerate(input):
        if extent == 1:
            continue
        below.append(dim)
        cells *= extent
        while made < cells and rest:
            above.append(rest.pop(0))
            made *= output[above[-1]]
        if made == cells:
            yield below, above
            below, above, cells, made = [], [], 1, 1


def _weigh(extents: Sequence[int]) -> list[int]:
    """How many cells one step along each axis passes."""
    return [prod(extents[place + 1 :]) for place in range(len(extents))]


def _find_weights(below: Sequence[int], above: Sequence[int]) -> list[int]:
    """The weights of the digits that both sides are made of, from the total down to 1; these two alone if none fit."""
    weights = sorted({prod(below), *_weigh(below), *_weigh(above)}, reverse=True)
    fits = all(high % low == 0 for high, low in pairwise(weights))
    return weights if fits else [prod(below), 1]


def _find_digit(dims: Sequence[int], shape: Shape, high: int, low: int) -> Axis:
    """The digit between two weights, as a part of the axis that holds it."""
    weights = _weigh([shape[dim] for dim in dims])
    dim, weight = next((dim, weight) for dim, weight in zip(dims, weights, strict=True) if weight <= low)
    return Same(dim) if high // low == shape[dim] else Digit(dim, low // weight, high // low)


def _cut(dims: Sequence[int], shape: Shape, flat: int) -> Iterator[Axis]:
    extents = [shape[dim] for dim in dims]
    for extent, weight in zip(extents, _weigh(extents), strict=True):
        yield Digit(flat, weight, extent) if len(dims) > 1 else Same(flat)


def _join(dims: Sequence[int], shape: Sequence[int]) -> Axis:
    return Same(dims[0]) if len(dims) == 1 else Joined(tuple(dims), tuple(shape[dim] for dim in dims))


def link_permuted(shape: Shape, order: Sequence[int]) -> Link:
    """Link a shape to the one whose axis k is its axis `order[k]`.

    >>> link_permuted((2, 3, 4), (2, 0, 1))
    ((Same(dim=1), Same(dim=2), Same(dim=0)), (4, 2, 3))
    """
    reach = tuple(Same(list(order).index(axis)) for axis in range(len(shape)))
    return reach, tuple(shape[axis] for axis in order)


def keep_axes(axes: int) -> Reach:
    """Each axis as it is."""
    return tuple(Same(axis) for axis in range(axes))
