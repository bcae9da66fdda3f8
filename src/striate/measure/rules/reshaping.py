"""Operations that arrange the same cells otherwise: views, permutations, broadcasts, copies. All are free."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Reach, Same, Sources, Whole
from striate.measure.rules.geometry import is_related, read_geometry
from striate.measure.rules.grouping import link_shapes
from striate.measure.rules.rule import Rule, spread
from striate.measure.rules.steps import read_through


def take_input(operation: Operation) -> Value:
    """The tensor that is rearranged: the first argument."""
    value: Value = operation.get(0, "self")
    return value


def read_view(operation: Operation, output: int = 0) -> Sources:
    """The cells in row-major order, cut into other axes."""
    value = take_input(operation)
    return read_through(operation, value, *link_shapes(value.shape, operation.outputs[output].shape))


def _keeps_cells(operation: Operation) -> bool:
    """False for a view of the same bytes as another type."""
    return prod(take_input(operation).shape) == prod(operation.outputs[0].shape)


def name_view(operation: Operation) -> str:
    """`flatten` where the batch and one axis are left of more, else `reshape`."""
    before, after = take_input(operation).shape, operation.outputs[0].shape
    return "flatten" if len(after) == 2 < len(before) and after[0] == before[0] else "reshape"


def read_permuted(operation: Operation, order: tuple[int, ...]) -> Sources:
    """The output's axis k is the input's axis `order[k]`."""
    value = take_input(operation)
    axes = len(order)
    return [(value, tuple(Same([dim % axes for dim in order].index(axis)) for axis in range(axes)))]


def read_permute(operation: Operation, output: int = 0) -> Sources:
    """All axes in the order given."""
    return read_permuted(operation, tuple(operation.get(1, "dims")))


def read_transpose(operation: Operation, output: int = 0) -> Sources:
    """Two axes change places; `t` is given none, and has two at most."""
    axes = len(take_input(operation).shape)
    if axes < 2:
        return read_permuted(operation, tuple(range(axes)))
    one, other = (operation.get(1, "dim0", -2) % axes, operation.get(2, "dim1", -1) % axes)
    order = list(range(axes))
    order[one], order[other] = other, one
    return read_permuted(operation, tuple(order))


def read_first(operation: Operation, output: int = 0) -> Sources:
    """Cell by cell, from the first argument alone; it is broadcast to the output."""
    value = take_input(operation)
    return [(value, spread(value, operation.outputs[output].shape))]


def read_rotated(operation: Operation, output: int = 0) -> Sources:
    """Quarter turns of the plane of two axes."""
    value = take_input(operation)
    turns, axes = operation.get(1, "k", 1) % 4, len(value.shape)
    one, other = (dim % axes for dim in operation.get(2, "dims", [0, 1]))
    order = list(range(axes))
    if turns % 2:
        order[one], order[other] = other, one
    reach: list[Axis] = [Same(dim) for dim in order]
    for dim in {0: (), 1: (other,), 2: (one, other), 3: (one,)}[turns]:
        reach[dim] = reverse(order[dim], value.shape[dim])
    return [(value, tuple(reach))]


def reverse(dim: int, extent: int) -> Axis:
    """The axis `dim` backward."""
    return Listed(dim, tuple((extent - 1 - cell,) for cell in range(extent)))


def read_real(operation: Operation, output: int = 0) -> Sources:
    """A complex cell has two reals, side by side in a last axis of their own."""
    value = take_input(operation)
    return [(value, tuple(Same(axis) for axis in range(len(value.shape))))]


def read_pairs(operation: Operation, output: int = 0) -> Sources:
    """A complex cell is made of both cells of the last axis."""
    value = take_input(operation)
    reach: Reach = (*(Same(axis) for axis in range(len(value.shape) - 1)), Whole())
    return [(value, reach)]


def _name(kind: str, read: Callable[[Operation, int], Sources], *names: str) -> dict[str, Rule]:
    return {name: Rule(kind, read) for name in names}


VIEW = Rule(name_view, read_view, holds=_keeps_cells)
VIEWS = "view _unsafe_view view_copy _reshape_alias _reshape_copy squeeze squeeze_copy unsqueeze unsqueeze_copy"
COPIES = "clone _to_copy alias alias_copy detach detach_copy lift lift_fresh lift_fresh_copy _conj _neg_view"

RULES = {
    **dict.fromkeys(VIEWS.split(), VIEW),
    **_name("permute", read_permute, "permute", "permute_copy"),
    **_name("permute", read_transpose, "transpose", "transpose_copy", "t", "t_copy"),
    **_name("expand", read_first, "expand", "expand_copy"),
    **_name("rotate", read_rotated, "rot90"),
    **_name("copy", read_first, *COPIES.split()),
    **_name("complex", read_real, "view_as_real", "view_as_real_copy"),
    **_name("complex", read_pairs, "view_as_complex", "view_as_complex_copy"),
    **dict.fromkeys(("as_strided", "as_strided_copy"), Rule("reshape", read_geometry, holds=is_related)),
}
