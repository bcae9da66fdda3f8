"""A table's rows beside a sketch's nodes, against a search through all rows for each node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from striate.measure.fields import ReceptiveField
from striate.measure.row import EXACT, Row
from striate.measure.summary import list_terms
from striate.nets.outline import match
from striate.verbs.joining import join_rows, list_totals, write_field
from striate.verbs.measuring import measure
from striate.verbs.networks import build
from striate.verbs.sketching import place_text, sketch

TEXT = "input 2x16\ndef block = conv3-4, bn, relu\nblock*2, add[conv3-4, bn | ], gap, flatten, fc-3"


def see(*size: int, step: int = 1) -> ReceptiveField:
    return ReceptiveField(size, (Fraction(step),) * len(size), (0,) * len(size))


def make_row(index: int, name: str, **figures: Any) -> Row:
    given = {"output": (4, 8), "parameters": 10, "multiplies": 100, "output_bytes": 1000, "saved_bytes": 10000}
    given |= {"kind": "conv", "backward_multiplies": None, "field": see(3)}
    return Row(index=index, name=name, **{**given, **figures})


def find_nearest(name: str, ways: Mapping[str, int]) -> str | None:
    around = [path for path in ways if f"{name}.".startswith(f"{path}.")]
    return max(around, key=len, default=None)


@pytest.mark.parametrize("folds", [True, False])
def test_every_figure_of_a_table_comes_to_the_node_around_it(folds: bool) -> None:
    table = measure(TEXT)
    ways = match(sketch(TEXT, folds=folds).nodes, place_text(TEXT, None, None))
    found = join_rows(table.rows, ways)
    for number in set(ways.values()):
        mine = [row for row in table.rows if (path := find_nearest(row.name, ways)) and ways[path] == number]
        if not mine:
            assert number not in found
            continue
        for figure in ("parameters", "multiplies", "output_bytes"):
            assert found[number][figure] == sum(getattr(row, figure) for row in mine)
    assert sum(row["parameters"] for row in found.values()) == table.parameters
    assert sum(row["multiplies"] for row in found.values()) == table.multiplies > 0


def test_a_row_goes_to_the_nearest_module_around_it() -> None:
    rows = [make_row(number, name) for number, name in enumerate(("a.b.c", "a.b", "a.x", "ab", ""))]
    found = join_rows(rows, {"a": 1, "a.b": 2})
    assert {number: row["parameters"] for number, row in found.items()} == {2: 20, 1: 10}


def test_rows_of_one_node_are_added_up_and_the_last_shape_stays() -> None:
    rows = [
        make_row(0, "a", output=(4, 8), parameters=1, multiplies=20, output_bytes=300, saved_bytes=4000),
        make_row(1, "a.tail", output=(2, 3), parameters=5, multiplies=60, output_bytes=700, saved_bytes=8000),
    ]
    (row,) = join_rows(rows, {"a": 7}).values()
    sums = {"parameters": 6, "multiplies": 80, "output_bytes": 1000, "saved_bytes": 12000}
    assert {key: row[key] for key in sums} == sums
    assert row["output"] == [2, 3]


def test_saved_bytes_are_unknown_where_one_is() -> None:
    rows = [make_row(0, "a", saved_bytes=None), make_row(1, "a", saved_bytes=5)]
    assert join_rows(rows, {"a": 0})[0]["saved_bytes"] is None


def test_parameters_that_nothing_uses_count_but_give_no_shape() -> None:
    rows = [make_row(3, "a", output=(2, 3), field=see(5)), make_row(-1, "a", output=(), parameters=9, field=None)]
    found = join_rows(rows, {"a": 0})[0]
    assert (found["output"], found["parameters"], found["field"]) == ([2, 3], 19, "5")
    alone = join_rows(rows[1:], {"a": 0})[0]
    assert (alone["output"], alone["parameters"], alone["field"]) == ([], 9, "all")


@pytest.mark.parametrize(
    ("fields", "written", "step"),
    [
        ([see(3), see(3)], "3", "1"),
        ([see(3, 5), see(7, 9, step=2)], "3×5 … 7×9", "2×2"),
        ([see(3), None], "3 … all", ""),
    ],
)
def test_a_node_that_stands_for_several_says_the_first_and_the_last_field(
    fields: list[ReceptiveField | None], written: str, step: str
) -> None:
    rows = [make_row(number, f"block{number}", field=field) for number, field in enumerate(fields)]
    found = join_rows(rows, dict.fromkeys(("block0", "block1"), 0))[0]
    assert (found["field"], found["step"]) == (written, step)


def test_the_first_field_is_that_of_its_modules_last_operation() -> None:
    rows = [make_row(0, "a", field=see(1)), make_row(1, "a", field=see(3)), make_row(2, "b", field=see(9))]
    assert join_rows(rows, {"a": 0, "b": 0})[0]["field"] == "3 … 9"


def test_the_first_thing_that_is_not_exact_is_told() -> None:
    rows = [make_row(number, "a", status=status) for number, status in enumerate((EXACT, "partial: one", "partial: b"))]
    assert join_rows(rows, {"a": 0})[0]["status"] == "partial: one"
    assert join_rows(rows[:1], {"a": 0})[0]["status"] == EXACT


def test_a_field_is_written_as_shapes_are() -> None:
    assert write_field(make_row(0, "a", field=see(3, 5, 7))) == "3×5×7"
    assert write_field(make_row(0, "a", field=None)) == "all"


def test_the_totals_are_those_of_the_module_and_plain() -> None:
    table = measure(TEXT, batch=3)
    totals = list_totals(table)
    assert json.loads(json.dumps(totals)) == totals
    assert totals["parameters"] == sum(each.numel() for each in build(TEXT).parameters())
    assert totals["multiplies"] == sum(row.multiplies for row in table.rows)
    assert totals["batch"] == 3
    assert totals["training"] is not None
    assert totals["inference"] == list_terms(table.inference) != totals["training"]
