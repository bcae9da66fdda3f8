from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.tables import draw_deep, draw_small

from striate.measure.finding import Finding, Fix
from striate.measure.records import HEADER, TOTALS, to_csv, to_plain, to_records
from striate.measure.row import Row
from striate.measure.summary import TERMS
from striate.measure.table import Table

TABLES = pytest.mark.parametrize("table", [draw_small(), draw_deep(), draw_small(training=None)])


def read_csv(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(table)), strict=True))


@TABLES
def test_json_holds_every_figure_exactly(table: Table) -> None:
    records = json.loads(json.dumps(to_records(table)))
    assert len(records["rows"]) == len(table.rows)
    for record, row in zip(records["rows"], table.rows, strict=True):
        assert set(record) == {field.name for field in fields(Row)}
        for name in ("parameters", "multiplies", "saved_bytes", "name", "status", "is_view"):
            assert record[name] == getattr(row, name)
        assert tuple(record["output"]) == row.output
    assert all(records[name] == getattr(table, name) for name in TOTALS)
    assert sum(records["multiplies_by_kind"].values()) == records["multiplies"]
    assert records["rule"] == table.rule


@TABLES
def test_the_records_sums_are_its_totals(table: Table) -> None:
    records = to_records(table)
    for name in ("parameters", "multiplies", "backward_multiplies", "saved_bytes"):
        assert sum(row[name] for row in records["rows"]) == records[name]
    for moment in ("inference", "training"):
        memory: dict[str, Any] | None = records["memory_bytes"][moment]
        assert (memory is None) == (records[f"{moment}_bytes"] is None)
        if memory is not None:
            assert sum(memory[term] for term in TERMS) == memory["peak"] == records[f"{moment}_bytes"]


@TABLES
def test_csv_has_a_line_for_each_row_with_its_figures(table: Table) -> None:
    lines = read_csv(table)
    assert to_csv(table).splitlines()[0] == ",".join(HEADER)
    assert len(lines) == len(table.rows)
    for line, row in zip(lines, table.rows, strict=True):
        assert (line["name"], line["kind"], line["status"]) == (row.name, row.kind, row.status)
        assert tuple(int(extent) for extent in line["output"].split("x") if extent) == row.output
        assert int(line["multiplies"]) == row.multiplies
        sizes = tuple(int(size) for size in line["field_cells"].split("x") if size)
        assert sizes == (row.field.size if row.field else ())
        assert line["connected_parameters"] == (
            "" if row.connected_parameters is None else str(row.connected_parameters)
        )
    for name in ("parameters", "multiplies", "saved_bytes"):
        assert sum(int(line[name]) for line in lines) == getattr(table, name)


def test_the_csv_leaves_out_nothing_but_the_traces_own_numbers() -> None:
    renamed = {"field_cells", "step_cells", "offset_cells", "field_varies"}
    assert {field.name for field in fields(Row)} - set(HEADER) == {"field", "last"}
    assert set(HEADER) - {field.name for field in fields(Row)} == renamed


def test_findings_stand_beside_the_table() -> None:
    finding = Finding("a", "conv1", "why", "3", "do", (Fix("conv1", "bias", "no"),))
    (record,) = to_records(draw_small(), [finding])["findings"]
    assert record["fix"] == [{"path": "conv1", "option": "bias", "value": "no"}]
    assert {key: record[key] for key in ("name", "layer", "reason", "figure", "remedy")} == {
        "name": "a",
        "layer": "conv1",
        "reason": "why",
        "figure": "3",
        "remedy": "do",
    }


@given(st.fractions())
def test_fractions_stay_exact(number: Fraction) -> None:
    plain = to_plain(number)
    assert Fraction(plain) == number
    assert isinstance(plain, int) == (number.denominator == 1)
