"""Parts of a tensor, taken by position: slices, splits, flips, rolls and repeats. All are free."""

from __future__ import annotations

from math import prod

from striate.arithmetic import Window
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Digit, Listed, Only, Same, Slide, Sources
from striate.measure.rules.grouping import keep_axes, link_shapes
from striate.measure.rules.rule import Rule
from striate.measure.rules.steps import read_through


def replace_axis(value: Value, dim: int, axis: Axis) -> Sources:
    """All axes as they are but one."""
    return [(value, tuple(axis if place == dim else Same(place) for place in range(len(value.shape))))]


def find_dim(operation: Operation, position: int = 1, name: str = "dim", default: int = 0) -> int:
    """The axis that an operation is given, counted from the front."""
    dim: int = operation.get(position, name, default)
    return dim % max(len(operation.get(0, "self").shape), 1)


def find_slice(operation: Operation, first: int = 1) -> tuple[int, int, int, int]:
    """Axis, start, end and step of a slice, whose arguments begin at place `first`; start and end within the axis."""
    dim = find_dim(operation, first)
    start, end, step = (operation.get(first + 1 + place, name) for place, name in enumerate(("start", "end", "step")))
    step = step or 1
    start, end, step = slice(start, end, step).indices(operation.get(0, "self").shape[dim])
    return dim, start, end, step


def read_slice(operation: Operation, output: int = 0) -> Sources:
    """Every `step`-th cell of an axis, from `start`."""
    dim, start, _, step = find_slice(operation)
    axis = Same(dim) if (start, step) == (0, 1) else Slide(dim, Window(1, step, before=-start))
    return replace_axis(operation.get(0, "self"), dim, axis)


def name_slice(operation: Operation) -> str:
    """`crop` along a spatial axis, without gaps; else `slice`."""
    dim, _, _, step = find_slice(operation)
    return "crop" if dim > 1 and step == 1 else "slice"


def drop_axis(value: Value, dim: int, cell: int) -> Sources:
    """One cell of an axis, which the output lacks."""
    shift = (Same(place - (place > dim)) for place in range(len(value.shape)))
    return [(value, tuple(Only(range(cell, cell + 1)) if place == dim else same for place, same in enumerate(shift)))]


def read_select(operation: Operation, output: int = 0) -> Sources:
    """One cell of an axis."""
    value, dim = operation.get(0, "self"), find_dim(operation)
    return drop_axis(value, dim, operation.get(2, "index") % value.shape[dim])


def read_unbound(operation: Operation, output: int = 0) -> Sources:
    """Output number k is cell k of an axis."""
    return drop_axis(operation.get(0, "self"), find_dim(operation), output)


def read_split(operation: Operation, output: int = 0) -> Sources:
    """The outputs lie one after the other along an axis."""
    dim = find_dim(operation, 2)
    start = sum(value.shape[dim] for value in operation.outputs[:output])
    return replace_axis(operation.get(0, "self"), dim, Slide(dim, Window(1, before=-start)) if start else Same(dim))


def read_flipped(operation: Operation, output: int = 0) -> Sources:
    """Some axes backward."""
    value = operation.get(0, "self")
    axes = len(value.shape)
    dims = {dim % axes for dim in operation.get(1, "dims")}
    return [(value, tuple(_turn(dim, value.shape[dim], -1, -1) if dim in dims else Same(dim) for dim in range(axes)))]


def _turn(dim: int, extent: int, by: int, start: int = 0) -> Axis:
    """Output cell o reads cell `start + by*o`, round and round."""
    return Listed(dim, tuple(((start + by * cell) % extent,) for cell in range(extent)))


def read_rolled(operation: Operation, output: int = 0) -> Sources:
    """Some axes shifted round; without axes, all cells in row-major order."""
    value = operation.get(0, "self")
    axes, cells = len(value.shape), prod(value.shape)
    shifts, dims = operation.get(1, "shifts"), operation.get(2, "dims", [])
    if not dims:
        flat, back = link_shapes(value.shape, (cells,)), link_shapes((cells,), value.shape)
        return read_through(operation, value, *flat, ((_turn(0, cells, 1, -sum(shifts)),), (cells,)), *back)
    reach = list[Axis](keep_axes(axes))
    total = dict.fromkeys((dim % axes for dim in dims), 0)
    for shift, dim in zip(shifts, dims, strict=True):
        total[dim % axes] += shift
    for dim, shift in total.items():
        reach[dim] = _turn(dim, value.shape[dim], 1, -shift)
    return [(value, tuple(reach))]


def read_repeated(operation: Operation, output: int = 0) -> Sources:
    """The whole, again and again along each axis."""
    value, shape = operation.get(0, "self"), operation.outputs[output].shape
    shift = len(shape) - len(value.shape)
    return [
        (
            value,
            tuple(
                Same(axis + shift) if extent == shape[axis + shift] else Digit(axis + shift, 1, extent)
                for axis, extent in enumerate(value.shape)
            ),
        )
    ]


SPLIT = "split split_copy split_with_sizes split_with_sizes_copy unsafe_split unsafe_split_with_sizes"

RULES = {
    **dict.fromkeys(("slice", "slice_copy"), Rule(name_slice, read_slice)),
    **dict.fromkeys(("select", "select_copy"), Rule("select", read_select)),
    **dict.fromkeys(("unbind", "unbind_copy"), Rule("split", read_unbound)),
    **dict.fromkeys(SPLIT.split(), Rule("split", read_split)),
    "flip": Rule("flip", read_flipped),
    "roll": Rule("roll", read_rolled),
    "repeat": Rule("repeat", read_repeated),
}
