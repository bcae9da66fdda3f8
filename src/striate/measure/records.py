"""A table as plain values, for JSON and CSV: every figure exact, no rounding and no units to parse."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from striate.measure.finding import Finding
from striate.measure.row import Row
from striate.measure.summary import count_kinds
from striate.measure.table import Table

TOTALS = (
    "parameters",
    "multiplies",
    "backward_multiplies",
    "inference_multiplies",
    "saved_bytes",
    "inference_bytes",
    "training_bytes",
    "depth",
)
HEADER = (
    "index",
    "name",
    "kind",
    "output",
    "parameters",
    "multiplies",
    "backward_multiplies",
    "output_bytes",
    "saved_bytes",
    "field_cells",
    "step_cells",
    "offset_cells",
    "field_varies",
    "depth",
    "connected_parameters",
    "connected_multiplies",
    "unshared_parameters",
    "is_view",
    "status",
)


def to_plain(value: Any) -> Any:
    """Turn results into what JSON has: lists, dicts, texts, whole numbers; a fraction that is not whole becomes "1/2".

    >>> to_plain((Fraction(4, 2), Fraction(1, 2), None))
    [2, '1/2', None]
    """
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_plain(each) for each in value]
    return value


def to_records(table: Table, findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """Turn a table into plain values, all of them exact.

    >>> from torch import nn
    >>> from striate.measure.measurement import measure
    >>> to_records(measure(nn.Conv2d(3, 8, 3), (3, 8, 8)))["multiplies"]
    7776
    """
    counted, free = count_kinds(table)
    memories = {"inference": table.inference, "training": table.training}
    return {
        "network": table.network,
        "mode": table.mode,
        "precision": table.precision,
        "input": to_plain(table.input),
        "batch": table.batch,
        "status": table.status,
        **{name: getattr(table, name) for name in TOTALS},
        "rule": table.rule,
        "multiplies_by_kind": counted,
        "free": free,
        "memory_bytes": {
            name: {**to_plain(memory), "peak": memory.peak} if memory is not None else None
            for name, memory in memories.items()
        },
        "rows": to_plain(table.rows),
        "notes": list(table.notes),
        "findings": to_plain(findings),
    }


def to_csv(table: Table) -> str:
    r"""Write a table as comma-separated values: a header, and a line for each row; what is not known is empty.

    Shapes, and figures that axes don't share, are joined by x, as in 64x112x112.

    >>> from torch import nn
    >>> from striate.measure.measurement import measure
    >>> to_csv(measure(nn.Conv2d(3, 8, 3), (3, 8, 8))).splitlines()[1].split(",")[:6]
    ['0', '', 'conv', '8x6x6', '224', '7776']
    """
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_write_row(row) for row in table.rows)
    return written.getvalue()


def _write_row(row: Row) -> dict[str, Any]:
    field = row.field
    sight = {
        "field_cells": _join(field.size) if field else "",
        "step_cells": _join(field.step) if field else "",
        "offset_cells": _join(field.offset) if field else "",
        "field_varies": field.varies if field else "",
    }
    others = {name: getattr(row, name) for name in HEADER if name not in (*sight, "output")}
    return {**others, **sight, "output": _join(row.output)}


def _join(values: Sequence[int | Fraction]) -> str:
    return "x".join(map(str, values))
