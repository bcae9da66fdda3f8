"""One question: an operation, which of its outputs, and the cell of it; with the numbers that it reads at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from torch import Tensor

from striate.explain.sums.origins import Origin, Scope, find_origin
from striate.explain.sums.playing import Play
from striate.explain.sums.spelled import CELL, GAP, PADDING, Floats, Places, Step, Terms
from striate.measure.bits import carry, list_bits
from striate.measure.operation import Operation, Value
from striate.measure.rules.catalogue import find_rule

Cell: TypeAlias = tuple[int, ...]
Operand: TypeAlias = tuple[Value, Cell]


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked about one operation; `scope` says which operations belong to the layer."""

    playing: Play
    operation: Operation
    output: int
    cell: Cell
    scope: Scope

    @property
    def made(self) -> Value:
        """The value that holds the cell."""
        return (self.operation.outputs or self.operation.writes)[self.output]

    @property
    def value(self) -> float:
        """The module's own number."""
        return self.read(self.made, self.cell)

    def read(self, value: Value, cell: Sequence[int]) -> float:
        """One number."""
        return float(self.playing.read(value)[tuple(cell)])

    def tensor(self, value: Value) -> Tensor:
        """All numbers of a value, as float64."""
        return self.playing.read(value).double()

    def origin(self, value: Value) -> Origin:
        """Where its numbers were moved from, within the layer."""
        return find_origin(self.playing, value, self.scope)

    def spread(self, value: Value) -> Cell:
        """The cell of an operand that meets this cell, axes of one cell spread."""
        shift = len(self.made.shape) - len(value.shape)
        return tuple(0 if extent == 1 else self.cell[axis + shift] for axis, extent in enumerate(value.shape))

    def list_cells(self, value: Value) -> list[Cell]:
        """The cells of an input that the cell reads, row by row, as `measure`'s rule tells."""
        rule = find_rule(self.operation)
        if rule is None:
            return []
        start = [1 << index for index in self.cell]
        found: list[Cell] = []
        for source, reach in rule.reach(self.operation, self.output):
            if source is value:
                sets = [
                    list(list_bits(carry(axis, start, extent))) for axis, extent in zip(reach, value.shape, strict=True)
                ]
                found += product(*sets)
        return found

    def answer(self, formula: str, total: float, **more: object) -> Step:
        """The step for this cell."""
        name = self.operation.name.removesuffix("_")
        return Step(name, self.cell, formula, total, self.value, **more)  # type: ignore[arg-type]

    def gather(
        self,
        grid: tuple[int, ...],
        read: Value,
        flat: Places,
        states: Places,
        weights: Floats,
        weight: Value | None = None,
        weight_flat: Places | None = None,
    ) -> Terms:
        """The terms of a weighed sum over the cells `flat` of a value, each followed to where it was moved from."""
        origin = self.origin(read)
        numbers = np.where(states == CELL, origin.numbers.reshape(-1)[np.where(states == CELL, flat, 0)], 0)
        held = self.tensor(read).reshape(-1).numpy()
        inputs = np.where(states == CELL, held[np.where(states == CELL, flat, 0)], 0.0)
        states = np.where((states == CELL) & (numbers == 0), PADDING, states)
        places, source, roots = place(numbers, origin)
        parameter, weight_places = None, None
        if weight is not None and weight_flat is not None:
            moved = self.origin(weight)
            parameter, weight_places = _place_weights(moved, weight_flat)
        return Terms(grid, weights, inputs, places, states, source, roots, parameter, weight_places)


def place(numbers: Places, origin: Origin) -> tuple[Places, Places, tuple[str, ...]]:
    """Cells, without the batch, and which root each lies in; -1 where there is none."""
    axes = max((max(len(root.shape) - 1, 1) for _, root in origin.roots), default=1)
    places = np.full((len(numbers), axes), -1, np.int64)
    source = np.zeros(len(numbers), np.int64)
    for order, (base, root) in enumerate(origin.roots):
        count = int(np.prod(root.shape))
        inside = (numbers > base) & (numbers <= base + count)
        if not inside.any():
            continue
        found = np.stack(np.unravel_index(numbers[inside] - base - 1, root.shape or (1,)), 1)
        found = found[:, 1:] if found.shape[1] > 1 and root.origin not in ("parameter", "buffer") else found
        places[np.flatnonzero(inside)[:, None], np.arange(found.shape[1])[None]] = found
        source[inside] = order
    return places, source, tuple(_name(root) for _, root in origin.roots)


def _name(root: Value) -> str:
    if root.maker is None:
        return root.name if root.origin in ("parameter", "buffer") else "input"
    return root.maker.path or root.maker.name


def _place_weights(origin: Origin, flat: Places) -> tuple[str | None, Places | None]:
    """Where weights stand in the parameter that they are; of several parameters, or of none, nothing is said."""
    if len(origin.roots) != 1 or origin.roots[0][1].origin not in ("parameter", "buffer"):
        return None, None
    root = origin.roots[0][1]
    numbers = origin.numbers.reshape(-1)[flat] - 1
    return root.name, np.stack(np.unravel_index(numbers, root.shape), 1)


Rule: TypeAlias = Callable[[Asked], tuple[Step, list[Operand]]]
"""Gives the step of a cell, and the operands that may be spelled out in turn."""

__all__ = ["CELL", "GAP", "PADDING", "Asked", "Cell", "Operand", "Rule", "place"]
