"""Two views of one memory: which cells of one lie where the cells of the other do, by their strides and offsets.

Both are written as digits of the address: with the weights w0 > w1 > ..., each a multiple of the next, an axis of
stride k*w moves the digit of weight w by k. If no digit carries over, two cells share an address where all digits
agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise, product
from typing import NamedTuple

from striate.arithmetic import Window, locate_inputs
from striate.measure.bits import fill
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Joined, Listed, Only, Same, Slide, Sources
from striate.measure.rules.grouping import Link
from striate.measure.rules.steps import read_through

Windows = tuple[tuple[int, ...], ...]
Box = tuple[int, ...]
"""A set of cells: those whose index along each axis is in that axis's set."""
MOST_WEIGHTS = 8


class Geometry(NamedTuple):
    """Where a view's cells lie, in elements."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class _Digit:
    """One digit of a view's addresses: where it starts, and the axes (number, step, extent) that move it."""

    start: int
    axes: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Bond:
    """What one digit says: the output's cells along `dims`, row by row, meet `windows` of a source's `axis`."""

    dims: tuple[int, ...]
    windows: Windows
    axis: int | None


@dataclass(frozen=True, slots=True)
class Relation:
    """How an output reads a source through the memory they share; `box` is the part of the output that lies in it."""

    output: Value
    source: Value
    bonds: tuple[_Bond, ...]
    box: Box


def relate(output: Value, source: Value, *others: Value) -> Relation | None:
    """Find how two views of one memory lie to each other; None where their strides have no plain relation.

    The strides of `others`, more views of that memory, may tell what its axes are.
    """
    if output.item_bytes != source.item_bytes:
        return None
    found = _relate(*(Geometry(view.shape, view.strides, view.offset) for view in (output, source, *others)))
    return Relation(output, source, *found) if found is not None else None


@lru_cache(maxsize=4096)
def _relate(output: Geometry, source: Geometry, *others: Geometry) -> tuple[tuple[_Bond, ...], Box] | None:
    if _is_spread(source):
        return None
    for weights in _choose_weights(output, source, *others):
        for origin in (0, min(output.offset, source.offset)):
            above, below = _place(output, weights, origin), _place(source, weights, origin)
            if above is None or below is None or any(len(digit.axes) > 1 for digit in below):
                continue
            found = _bind(output, above, below)
            if found is not None:
                return found
    return None


def _is_spread(value: Geometry) -> bool:
    """Whether several of its cells lie at one place."""
    return any(extent > 1 and not stride for stride, extent in zip(value.strides, value.shape, strict=True))


def _choose_weights(output: Geometry, source: Geometry, *others: Geometry) -> Iterator[tuple[int, ...]]:
    """The digits to try: the strides of the two, most of them first, then those of the others too, if they divide."""
    near = _list_strides(output) | _list_strides(source)
    for strides in dict.fromkeys((frozenset(near), frozenset(near.union(*map(_list_strides, others))))):
        pool = sorted(strides or {1}, reverse=True)[-MOST_WEIGHTS:]
        for count in range(len(pool), 0, -1):
            for weights in combinations(pool, count):
                if not any(high % low for high, low in pairwise(weights)):
                    yield weights


def _list_strides(value: Geometry) -> set[int]:
    return {stride for stride, extent in zip(value.strides, value.shape, strict=True) if extent > 1 and stride}


def _place(value: Geometry, weights: Sequence[int], origin: int) -> list[_Digit] | None:
    """Write a view's addresses in digits, what is below the least weight last; None where a digit would carry over."""
    left, digits = value.offset - origin, []
    axes: dict[int, list[tuple[int, int, int]]] = {weight: [] for weight in weights}
    for dim, (stride, extent) in enumerate(zip(value.strides, value.shape, strict=True)):
        if extent > 1 and stride:
            weight = next((weight for weight in weights if stride % weight == 0), None)
            if weight is None:
                return None
            axes[weight].append((dim, stride // weight, extent))
    for place, weight in enumerate(weights):
        start, left = divmod(left, weight)
        reached = start + sum(step * (extent - 1) for _, step, extent in axes[weight])
        if place and reached >= weights[place - 1] // weight:
            return None
        digits.append(_Digit(start, tuple(axes[weight])))
    return [*digits, _Digit(left, ())]


def _bind(output: Geometry, above: list[_Digit], below: list[_Digit]) -> tuple[tuple[_Bond, ...], Box] | None:
    """Meet digit by digit; None where axes that share a digit meet the source in part, which no box can say."""
    bonds, box = [], [fill(extent) for extent in output.shape]
    for mine, other in zip(above, below, strict=True):
        dims = tuple(dim for dim, _, _ in mine.axes)
        windows = tuple(_meet(mine, other))
        met = sum(1 << cell for cell, window in enumerate(windows) if window)
        if not dims and not met:
            box = [0 for _ in box]
        elif len(dims) == 1:
            box[dims[0]] = met
        elif dims and met != fill(len(windows)):
            return None
        bonds.append(_Bond(dims, windows, other.axes[0][0] if other.axes else None))
    return tuple(bonds), tuple(box)


def _meet(mine: _Digit, other: _Digit) -> Iterator[tuple[int, ...]]:
    """For each output cell along the digit's axes, row by row, the source's index there; none if they don't meet."""
    _, step, extent = other.axes[0] if other.axes else (0, 1, 1)
    for cells in product(*(range(extent) for _, _, extent in mine.axes)):
        reached = mine.start + sum(cell * by for cell, (_, by, _) in zip(cells, mine.axes, strict=True))
        index, rest = divmod(reached - other.start, step)
        yield (index,) if rest == 0 and 0 <= index < extent else ()


def read_relation(operation: Operation, relation: Relation, allowed: Sequence[int] | None = None) -> Sources:
    """What the output reads of the source, for those of its cells that are `allowed`: a set for each output axis."""
    output, source = relation.output, relation.source
    box = relation.box if allowed is None else allowed
    if not all(box):
        return []
    reach: list[Axis] = [Only(range(1)) for _ in source.shape]
    conditions: list[Axis] = []
    middle: list[Axis] = []
    extents: list[int] = []
    for bond in relation.bonds:
        if not bond.dims:
            if bond.axis is not None:
                reach[bond.axis] = Only(range(bond.windows[0][0], bond.windows[0][0] + 1))
            continue
        windows = bond.windows
        if len(bond.dims) == 1:
            windows = tuple(window if box[bond.dims[0]] >> cell & 1 else () for cell, window in enumerate(windows))
        axis = write_axis(len(middle), windows, source.shape[bond.axis] if bond.axis is not None else 1)
        if bond.axis is not None:
            reach[bond.axis] = axis
        elif source.shape[bond.dims[0] : bond.dims[0] + 1] == (1,) and len(source.shape) == len(output.shape):
            reach[bond.dims[0]] = axis
        else:
            conditions.append(axis)
        parts = tuple(output.shape[dim] for dim in bond.dims)
        middle.append(Same(bond.dims[0]) if len(bond.dims) == 1 else Joined(bond.dims, parts))
        extents.append(len(windows))
    kept = tuple(Same(axis) for axis in range(len(source.shape)))
    links: list[Link] = [(kept, (*source.shape, *(1 for _ in conditions)))] if conditions else []
    links += [((*reach, *conditions), tuple(extents)), (tuple(middle), output.shape)]
    return read_through(operation, source, *links)


def write_axis(dim: int, windows: Windows, extent: int) -> Axis:
    """Put windows of one cell at most into the plainest description that says the same.

    >>> write_axis(0, ((0,), (1,), (2,)), 3), write_axis(0, ((4,), (6,)), 9)
    (Same(dim=0), Slide(dim=0, window=Window(size=1, stride=2, dilation=1, before=-4, ...)))
    >>> write_axis(0, ((), (0,), (), (1,)), 2)
    Slide(dim=0, window=Window(size=1, stride=2, dilation=1, before=-1, transposed=True, after=None, ceil=False))
    """
    if all(window == (cell,) for cell, window in enumerate(windows)):
        return Same(dim)
    met = [(cell, window[0]) for cell, window in enumerate(windows) if window]
    (first, start), (second, end) = (met[0], met[1]) if len(met) > 1 else ((0, 0), (0, 0))
    for stride, gap in ((end - start, 1), (1, second - first)):
        if (second - first, end - start) != (gap, stride) or stride < 1:
            continue
        before = stride * first - start if gap == 1 else start * gap - first
        slide = Slide(dim, Window(1, stride if gap == 1 else gap, before=before, transposed=gap > 1))
        if windows == tuple(_slide(slide.window, cell, extent) for cell in range(len(windows))):
            return slide
    return Listed(dim, windows)


def _slide(window: Window, cell: int, extent: int) -> tuple[int, ...]:
    indices = locate_inputs(window, [cell])
    return tuple(index for index in indices if 0 <= index < extent)


def read_geometry(operation: Operation, output: int = 0) -> Sources:
    """A view by strides of the memory in which its input lies."""
    relation = relate(operation.outputs[output], operation.get(0, "self"))
    return read_relation(operation, relation) if relation is not None else []


def is_related(operation: Operation) -> bool:
    """Whether every cell of the view lies in its input, by strides that have a plain relation."""
    made = operation.outputs[0]
    relation = relate(made, operation.get(0, "self"))
    return relation is not None and relation.box == tuple(fill(extent) for extent in made.shape)
