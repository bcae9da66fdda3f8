"""What is asked of a table, chosen by its columns' names and fields; options stand above all of it, or are refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from striate.data.asking import Plan, find_time, make_plan, read_numbers, restore_plan
from striate.data.columns import Columns
from striate.data.pool import Request
from striate.errors import DataError

ROWS = 40


def make_table(written: Sequence[str], **fields: Sequence[str]) -> Columns:
    """A table of numbers, every column its own, save for the fields that are given."""
    columns = [fields.get(name, [str(place + row / 8) for row in range(ROWS)]) for place, name in enumerate(written)]
    rows = tuple(zip(*columns, strict=True))
    header = tuple(name.lower() for name in written)
    return Columns("x.csv", header, tuple(written), rows, tuple(range(2, len(rows) + 2)))


def ask(table: Columns, task: str | None = None, extents: tuple[int, ...] | None = None, **options: Any) -> Plan:
    return make_plan(table, Request(extents, task=task, options=options))


@pytest.mark.parametrize(
    ("written", "target", "aim", "columns"),
    [
        (("date", "open", "close"), "close", "value", ("open", "close")),
        (("Open", "Close", "Date"), "Close", "value", ("Open", "Close")),
        (("date", "close", "target"), "target", "value", ("close", "target")),
        (("t", "a", "b"), "b", "value", ("a", "b")),
        (("time", "a"), "a", "value", ("a",)),
        (("time", "a", "label"), "label", "class", ("a",)),
        (("time", "Class", "close"), "Class", "class", ("close",)),
    ],
)
def test_the_target_is_told_by_its_name_and_classes_are_not_shown_to_the_network(
    written: tuple[str, ...], target: str, aim: str, columns: tuple[str, ...]
) -> None:
    found = ask(make_table(written))
    assert (found.target, found.aim, found.columns) == (target, aim, columns)
    assert found.horizon == (0 if aim == "class" else 1)


@pytest.mark.parametrize(("words", "numeric"), [(0, True), (19, True), (20, False), (40, False)])
def test_a_column_is_of_numbers_where_most_of_its_fields_are(words: int, numeric: bool) -> None:
    fields = ["calm"] * words + ["1.5"] * (ROWS - words)
    assert ("state" in ask(make_table(("t", "state", "y"), state=fields)).columns) == numeric
    assert ask(make_table(("t", "y", "state"), state=fields), target="state").aim == ("value" if numeric else "class")


def test_fields_that_are_empty_count_neither_way() -> None:
    sparse = ["1"] * 2 + ["wild"] + [""] * (ROWS - 3)
    assert "a" in ask(make_table(("t", "a", "y"), a=sparse)).columns
    assert "a" not in ask(make_table(("t", "a", "y"), a=[""] * ROWS)).columns


@pytest.mark.parametrize(
    ("task", "aim", "expected"),
    [
        (None, None, "value"),
        ("classify", None, "direction"),
        ("regress", None, "value"),
        (None, "direction", "direction"),
    ],
)
def test_the_task_or_the_user_says_what_is_told(task: str | None, aim: str | None, expected: str) -> None:
    table = make_table(("t", "a", "close"))
    assert (ask(table, task, aim=aim) if aim else ask(table, task)).aim == expected


def test_sizes_that_are_asked_for_are_taken() -> None:
    table = make_table(("t", "a", "close"))
    found = ask(table, window=12, horizon=3, step=5, target="A", time="T")
    assert (found.window, found.horizon, found.step, found.target, found.time) == (12, 3, 5, "a", "t")
    assert ask(table, extents=(9,)).window == 9
    assert ask(table, extents=(9,), window=7).window == 7


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"target": "gold"}, "found no column gold, needed one of a, close"),
        ({"time": "hour"}, "needed a time column"),
        ({"window": -1}, "found window -1"),
        ({"horizon": 0}, "horizon 0"),
        ({"aim": "fortune"}, "found the aim 'fortune'; needed one of value, direction, class"),
        ({"task": "regress", "aim": "direction"}, "found the task regress for column close, whose direction is asked"),
        ({"task": "segment"}, "found the task segment"),
    ],
)
def test_what_does_not_fit_the_table_is_one_line(options: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        ask(make_table(("t", "a", "close")), **options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("written", "said"), [(("t",), "the time alone"), (("t", "label"), "no column of numbers")])
def test_a_table_without_anything_to_look_at_is_refused(written: tuple[str, ...], said: str) -> None:
    with pytest.raises(DataError, match=said):
        ask(make_table(written))


def test_the_time_is_found_by_any_of_its_names_in_their_order() -> None:
    assert find_time(make_table(("a", "DateTime")), {}) == 1
    assert find_time(make_table(("day", "date")), {}) == 1
    assert find_time(make_table(("day", "date")), {"time": "Day"}) == 0
    with pytest.raises(DataError, match="found the columns a,b; needed a time column"):
        find_time(make_table(("a", "b")), {})


def test_numbers_are_those_of_the_columns_in_the_order_asked_for() -> None:
    table = make_table(("t", "a", "b"))
    slow = [[float(row[table.written.index(name)]) for row in table.rows] for name in ("b", "a")]
    assert np.array_equal(read_numbers(table, ("B", "a")), np.array(slow, np.float32))


@pytest.mark.parametrize("field", ["", "n/a", "nan", "inf"])
def test_a_field_that_is_no_number_is_named_by_its_line(field: str) -> None:
    table = make_table(("t", "a"), a=["1", "2", field, "x", *["3"] * (ROWS - 4)])
    with pytest.raises(DataError) as caught:
        read_numbers(table, ("a",))
    assert str(caught.value).startswith(f"x.csv: line 4, column a: found {field!r}, needed a number.")
    with pytest.raises(DataError, match="found no column c"):
        read_numbers(table, ("c",))


def test_a_plan_comes_back_from_its_reading_through_json() -> None:
    for plan in (ask(make_table(("t", "a", "close"))), Plan("t", ("a",), "label", "class", 0, 8, 2, ("calm", "wild"))):
        assert restore_plan(json.loads(json.dumps(plan.to_reading()))) == plan
