"""Cells that are one of several: pools and maxima, and the vector that a number names."""

from __future__ import annotations

from striate.explain.sums.asked import Asked, Operand
from striate.explain.sums.spelled import Step, write_number
from striate.measure.operation import Value

LARGEST = frozenset((
    "max_pool2d_with_indices", "max_pool3d_with_indices", "max_pool2d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "amax", "max",
))  # fmt: skip
SMALLEST = frozenset(("amin", "min"))
SHOWN = 32


def spell_extreme(asked: Asked) -> tuple[Step, list[Operand]]:
    """The largest (or smallest) of the cells that the window covers; padding never wins."""
    word, pick = ("max", max) if asked.operation.name in LARGEST else ("min", min)
    read: Value = next(iter(asked.operation.inputs))
    cells = asked.list_cells(read)
    values = [asked.read(read, cell) for cell in cells]
    total = pick(values)
    won = cells[values.index(total)]
    shown = ", ".join(map(write_number, values[:SHOWN])) + (", ..." if len(values) > SHOWN else "")
    where = ", ".join(map(str, won[1:]))
    formula = f"{word}({shown}) = {write_number(total)}, which stands at [{where}]"
    facts = {f"at axis {axis}": float(index) for axis, index in enumerate(won[1:])}
    return asked.answer(formula, total, facts={"cells": float(len(values)), **facts}), [(read, won)]


def spell_embedding(asked: Asked) -> tuple[Step, list[Operand]]:
    """One number of the row that the cell's symbol names."""
    weight, symbols = asked.operation.arguments[:2]
    row = int(asked.playing.read(symbols)[asked.cell[:-1]])
    total = asked.read(weight, (row, asked.cell[-1]))
    formula = f"weight[{row}, {asked.cell[-1]}] = {write_number(total)}: row {row} belongs to the symbol {row}"
    return asked.answer(formula, total, facts={"symbol": float(row)}), []


RULES = dict.fromkeys(LARGEST | SMALLEST, spell_extreme) | {"embedding": spell_embedding}
