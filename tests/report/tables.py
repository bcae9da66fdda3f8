"""Hand-made tables for the tests of pictures: chains of rows with fields of their own, of any dimension."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import Any

from striate.measure.fields import ReceptiveField
from striate.measure.ledger import Ledger
from striate.measure.memory import Memory
from striate.measure.row import Row
from striate.measure.table import Table
from striate.measure.trace import Trace


def make_row(name: str, index: int = 0, **figures: Any) -> Row:
    """One row; whatever isn't given follows from its place."""
    row: dict[str, Any] = {
        "index": index,
        "last": index,
        "name": name,
        "kind": name.rpartition(".")[2].rstrip("0123456789") or "add",
        "output": (8, 16, 16),
        "parameters": 10 * index,
        "multiplies": 1000 * (index + 1),
        "backward_multiplies": 2000 * (index + 1),
        "output_bytes": 4096 * (index + 1),
        "saved_bytes": 1024 * index,
        "field": ReceptiveField((3, 3), (Fraction(1), Fraction(1)), (-1, -1)),
    }
    return Row(**(row | figures))


def make_table(rows: list[Row], input: tuple[int, ...] = (3, 32, 32), **others: Any) -> Table:
    """A table of these rows."""
    numbers = {part.name: 1 << 20 for part in fields(Memory) if part.name not in ("at", "settings")}
    memory = Memory(**numbers, at="conv1", settings="")
    table: dict[str, Any] = {
        "network": "hand-made",
        "mode": "train",
        "precision": "fp32",
        "input": (input,),
        "batch": 2,
        "rows": tuple(rows),
        "inference_multiplies": 0,
        "inference": memory,
        "training": memory,
        "trace": Trace([], [], [], [], {}, frozenset(), {}, Ledger(), 2, "train"),
    }
    return Table(**(table | others))


def make_chain(extents: tuple[int, ...], layers: int, every: int = 2) -> Table:
    """Convolutions of size 3 over any dimension; each `every`th halves the resolution, the last sees all."""
    size, step, offset, rows, now = 1, 1, 0, [], extents
    for index in range(layers):
        size, offset = size + 2 * step, offset - step
        if index % every == every - 1:
            step, now = 2 * step, tuple(-(-extent // 2) for extent in now)
        axes = len(extents)
        field = ReceptiveField((size,) * axes, (Fraction(step),) * axes, (offset,) * axes)
        rows.append(make_row(f"conv{index}", index, output=(8, *now), field=field))
    rows.append(make_row("gap", layers, output=(8, *(1 for _ in extents)), field=None, multiplies=0, parameters=0))
    return make_table(rows, (3, *extents))
