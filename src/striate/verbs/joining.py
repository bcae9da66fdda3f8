"""A table's rows laid beside a sketch's nodes: what stands once in the text is one row, its figures added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from striate.measure.row import EXACT, Row

if TYPE_CHECKING:
    from striate.measure.table import Table


def join_rows(rows: Sequence[Row], ways: Mapping[str, int]) -> dict[int, dict[str, Any]]:
    """The rows by the node that shows them; a module of several operations, or several of them, is one."""
    gathered: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if (number := _find_node(row.name, ways)) is not None:
            gathered[number].append(row)
    return {number: _add_up(found) for number, found in gathered.items()}


def _find_node(name: str, ways: Mapping[str, int]) -> int | None:
    """The node of a module, or of the nearest module around it."""
    while name and name not in ways:
        name = name.rpartition(".")[0]
    return ways.get(name)


def _add_up(rows: Sequence[Row]) -> dict[str, Any]:
    """One row for all; shape and field are the last one's, with the first one's field where it differs."""
    last = next((row for row in reversed(rows) if row.index >= 0), rows[-1])
    first = next((row for row in rows if row.name == rows[0].name and row.index >= 0), rows[0])
    for row in rows:
        first = row if row.name == first.name and row.index >= first.index else first
    fields = [write_field(first), write_field(last)]
    saved = [row.saved_bytes for row in rows]
    return {
        "output": list(last.output),
        "parameters": sum(row.parameters for row in rows),
        "multiplies": sum(row.multiplies for row in rows),
        "output_bytes": sum(row.output_bytes for row in rows),
        "saved_bytes": None if None in saved else sum(number or 0 for number in saved),
        "field": fields[1] if fields[0] == fields[1] else f"{fields[0]} … {fields[1]}",
        "step": "" if last.field is None else "×".join(map(str, last.field.step)),
        "status": next((row.status for row in rows if row.status != EXACT), EXACT),
    }


def write_field(row: Row) -> str:
    """The size of a row's receptive field; `all` where a cell sees the whole input."""
    return "all" if row.field is None else "×".join(map(str, row.field.size))


def list_totals(table: Table) -> dict[str, Any]:
    """The figures of the whole network, and its memory by terms."""
    from striate.measure.summary import list_terms

    return {
        "parameters": table.parameters,
        "multiplies": table.multiplies,
        "inference_multiplies": table.inference_multiplies,
        "depth": table.depth,
        "inference_bytes": table.inference_bytes,
        "training_bytes": table.training_bytes,
        "inference": list_terms(table.inference),
        "training": None if table.training is None else list_terms(table.training),
        "status": table.status,
        "notes": list(table.notes),
        "rule": table.rule,
        "batch": table.batch,
    }
