"""Reaches in several steps: arrangements of an operation's cells that lie between its input and its output.

Some operations relate one input axis to several output axes, or read nothing for some cells of an axis that the input
lacks. Such a relation is a chain of plain reaches. The values between are never made in memory; they exist for reading.
"""

from __future__ import annotations

from collections.abc import Sequence

from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Digit, Joined, Listed, Only, Reach, Same, Slide, Sources, Whole
from striate.measure.rules.rule import Rule

STEP = "striate.step.default"


def make_step(operation: Operation, value: Value, reach: Reach, shape: tuple[int, ...]) -> Value:
    """Make a value that lies between: its cells, of `shape`, read `value` by `reach`."""
    step = Operation(operation.index, STEP, (value, reach), {}, (), operation.path, operation.call, operation.phase)
    step.outputs = (Value(shape, (), value.dtype, value.item_bytes, value.storage, maker=step),)
    return step.outputs[0]


def look_through(value: Value) -> Sources | None:
    """What a value between reads; None for one that the trace has."""
    return read_step(value.maker) if value.maker is not None and value.maker.target == STEP else None


def read_step(operation: Operation, output: int = 0) -> Sources:
    """The reach that the step was made with."""
    value, reach = operation.arguments
    return [(value, reach)]


def read_through(operation: Operation, value: Value, *links: tuple[Reach, tuple[int, ...]]) -> Sources:
    """Read a value through links of (reach, shape): the first reads the value, the last one's shape is the output's."""
    chain = list(links)
    for place in reversed(range(len(chain) - 1)):
        (lower, _), (upper, shape) = chain[place], chain[place + 1]
        merged = merge(lower, upper)
        if merged is not None:
            chain[place : place + 2] = [(merged, shape)]
    for reach, shape in chain[:-1]:
        value = make_step(operation, value, reach, shape)
    return [(value, chain[-1][0])]


def merge(lower: Reach, upper: Reach) -> Reach | None:
    """Put two reaches into one, where one of them only renames axes; None where both do more.

    >>> merge((Joined((0, 1), (2, 3)),), (Same(1), Same(2)))
    (Joined(dims=(1, 2), extents=(2, 3)),)
    >>> merge((Same(1), Same(0)), (Digit(0, 2, 3), Digit(0, 1, 2)))
    (Digit(dim=0, divide=1, modulo=2), Digit(dim=0, divide=2, modulo=3))
    """
    if all(isinstance(axis, Same) for axis in upper):
        dims = [axis.dim for axis in upper if isinstance(axis, Same)]
        return tuple(_rename(axis, dims) for axis in lower)
    used = [axis.dim for axis in lower if isinstance(axis, Same)]
    plain = all(isinstance(axis, Same | Only | Whole) for axis in lower)
    if plain and sorted(used) == list(range(len(upper))):
        return tuple(upper[axis.dim] if isinstance(axis, Same) else axis for axis in lower)
    return None


def _rename(axis: Axis, dims: Sequence[int]) -> Axis:
    match axis:
        case Same(dim):
            return Same(dims[dim])
        case Slide(dim, window):
            return Slide(dims[dim], window)
        case Listed(dim, windows):
            return Listed(dims[dim], windows)
        case Digit(dim, divide, modulo):
            return Digit(dims[dim], divide, modulo)
        case Joined(joined, extents):
            return Joined(tuple(dims[dim] for dim in joined), extents)
        case _:
            return axis


RULES = {"step": Rule("step", read_step)}
