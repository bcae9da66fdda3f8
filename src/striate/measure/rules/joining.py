"""Several tensors put into one: side by side, as a new axis, or one into a place of another. All are free."""

from __future__ import annotations

from striate.arithmetic import Window
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Same, Slide, Sources
from striate.measure.rules.grouping import Shape, keep_axes
from striate.measure.rules.rule import Rule
from striate.measure.rules.selecting import find_dim, find_slice, replace_axis
from striate.measure.rules.steps import read_through


def read_joined(operation: Operation, output: int = 0) -> Sources:
    """The inputs lie one after the other along an axis; cells outside an input read nothing of it."""
    dim, start = operation.get(1, "dim", 0), 0
    dim %= max(len(operation.outputs[output].shape), 1)
    sources: Sources = []
    for value in operation.get(0, "tensors"):
        if len(value.shape) <= dim:  # an empty tensor of one axis may stand among others
            continue
        sources += replace_axis(value, dim, Slide(dim, Window(1, before=start)))
        start += value.shape[dim]
    return sources


def read_stacked(operation: Operation, output: int = 0) -> Sources:
    """The inputs lie one after the other along an axis of their own."""
    shape = operation.outputs[output].shape
    dim = operation.get(1, "dim", 0) % len(shape)
    sources: Sources = []
    for place, value in enumerate(operation.get(0, "tensors")):
        sources += _read_at(operation, value, dim, place, shape)
    return sources


def _read_at(operation: Operation, value: Value, dim: int, place: int, shape: Shape) -> Sources:
    """Read a value where the output's axis `dim`, which it lacks, is at one place; elsewhere nothing."""
    kept = tuple(Same(axis + (axis >= dim)) for axis in range(len(value.shape)))
    one = (*shape[:dim], 1, *shape[dim + 1 :])
    reach = list[Axis](keep_axes(len(shape)))
    reach[dim] = Slide(dim, Window(1, before=place))
    return read_through(operation, value, (kept, one), (tuple(reach), shape))


def read_into_slice(operation: Operation, output: int = 0) -> Sources:
    """A copy with a slice of an axis from elsewhere."""
    whole, part = operation.get(0, "self"), operation.get(1, "src")
    dim, start, end, step = find_slice(operation, 2)
    rest = _leave_out(whole.shape[dim], dim, range(start, end, step))
    slide = Slide(dim, Window(1, step, before=-start, transposed=True))
    return [*replace_axis(whole, dim, rest), *replace_axis(part, dim, slide)]


def read_into_cell(operation: Operation, output: int = 0) -> Sources:
    """A copy with one cell of an axis from elsewhere."""
    whole, part = operation.get(0, "self"), operation.get(1, "src")
    dim = find_dim(operation, 2)
    place = operation.get(3, "index") % whole.shape[dim]
    rest = _leave_out(whole.shape[dim], dim, range(place, place + 1))
    return [*replace_axis(whole, dim, rest), *_read_at(operation, part, dim, place, whole.shape)]


def _leave_out(extent: int, dim: int, cells: range) -> Axis:
    return Listed(dim, tuple(() if cell in cells else (cell,) for cell in range(extent)))


RULES = {
    "cat": Rule("cat", read_joined),
    "stack": Rule("cat", read_stacked),
    "slice_scatter": Rule("overlay", read_into_slice),
    "select_scatter": Rule("overlay", read_into_cell),
}
