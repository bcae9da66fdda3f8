"""What is known of one operation: its word in the table, the multiplies it takes, the cells it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from striate.measure.operation import Operation, Value
from striate.measure.reach import Only, Reach, Same, Sources, Whole


@dataclass(frozen=True)
class Rule:
    """One operation's formulas, each over the operation alone.

    `kind` is the word in the table: the notation's where it has one. `multiplies` counts multiply-accumulates of the
    whole batch; None declares the operation free. `reason` says why the count is not exact, if it isn't.
    `reach(operation, output)` tells what output number `output` reads. `holds` tells whether the formulas are true of
    an operation; where they aren't it is unknown.
    """

    kind: str | Callable[[Operation], str]
    reach: Callable[[Operation, int], Sources]
    multiplies: Callable[[Operation], int] | None = None
    reason: str | None = None
    holds: Callable[[Operation], bool] | None = None


def read_alike(operation: Operation, output: int = 0) -> Sources:
    """Cell by cell: every output cell reads the input cell at its place; axes of one cell, or missing, are spread."""
    shape = operation.outputs[output].shape
    return [(value, spread(value, shape)) for value in operation.inputs]


def spread(value: Value, shape: tuple[int, ...]) -> Reach:
    """The reach of an input that is broadcast to `shape`, its axes lined up at the end."""
    shift = len(shape) - len(value.shape)
    return tuple(
        Only(range(1)) if extent == 1 and shape[axis + shift] != 1 else Same(axis + shift)
        for axis, extent in enumerate(value.shape)
    )


def read_everything(operation: Operation, output: int = 0) -> Sources:
    """Every output cell reads everything: true of global operations, and the widest guess for unknown ones."""
    return [(value, tuple(Whole() for _ in value.shape)) for value in operation.inputs]
