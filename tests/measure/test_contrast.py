from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.measure.tables import SMALL, draw_deep, draw_small, make_row, make_table
from tests.measure.test_text import check_golden

from striate.measure.contrast import difference_to_records, write_difference
from striate.measure.difference import Difference, compare
from striate.measure.table import Table


def redraw() -> Table:
    """The small table: a wider conv, a relu more, no pool; the rest sees more."""
    conv, relu, _, fc = SMALL
    rows = [
        make_row(0, ("conv1", "conv", (16, 16, 16), 448, 110_592, 5)),
        make_row(1, (*relu[:5], 5)),
        make_row(2, ("relu2", *relu[1:5], 7)),
        make_row(3, ("fc", "fc", (10,), 10_250, 10_240, 0)),
    ]
    assert (conv[0], fc[0]) == ("conv1", "fc")
    return make_table(rows, network="redrawn")


def compare_deep() -> Difference:
    """The deep table with a field that is larger by two all along, and a layer less."""
    deep = draw_deep()
    rows = [
        replace(row, field=replace(row.field, size=tuple(size + 2 for size in row.field.size))) if row.field else row
        for row in deep.rows
        if row.name != "fc"
    ]
    return compare(deep, make_table(rows, network="seen"))


@pytest.mark.parametrize("width", [60, 80, 132])
def test_the_text_is_the_golden_one(width: int) -> None:
    check_golden(f"changed-{width}", write_difference(compare(draw_small(), redraw()), width))
    check_golden(f"seen-{width}", write_difference(compare_deep(), width))


@pytest.mark.parametrize("width", [70, 80, 100, 120, 160])
@pytest.mark.parametrize(
    "difference", [compare(draw_small(), redraw()), compare_deep(), compare(draw_small(), draw_deep())]
)
def test_every_total_stands_there_within_the_width(difference: Difference, width: int) -> None:
    text = write_difference(difference, width)
    assert all(len(line) <= width for line in text.splitlines())
    table = text.split("\n\n")[1].splitlines()[1:]
    for line, total in zip(table, difference.totals, strict=True):
        assert line.startswith(total.name.replace("_", " "))
        change = f"{total.difference:+,}" if total.difference else "0"
        figures = [f"{total.before:,}", f"{total.after:,}", change]
        assert line.split()[len(total.name.split("_")) :][:3] == figures
        assert line.endswith(f" {total.after / total.before:.3f}")  # type: ignore[operator]


def test_each_row_that_changed_stands_there_with_its_sign() -> None:
    lines = [line.split() for line in write_difference(compare(draw_small(), redraw()), 80).splitlines()]
    assert ["~", "conv1", "conv", "8x16x16", "224", "55,296", "3"] in lines
    assert ["16x16x16", "448", "110,592", "5"] in lines
    assert ["-", "pool", "maxpool", "8x8x8", "0", "0", "5"] in lines


def test_a_stretch_that_only_sees_otherwise_is_two_lines() -> None:
    text = write_difference(compare_deep(), 80)
    assert "alike but the field" in text
    assert "19 to 35" in text
    assert "21 to 37" in text


def test_alike_is_said_so() -> None:
    assert write_difference(compare(draw_deep(), draw_deep()), 80).endswith("No row changed.")


def test_a_change_in_hidden_figures_is_named() -> None:
    small = draw_small()
    row = replace(small.rows[1], saved_bytes=4)
    text = write_difference(compare(small, replace(small, rows=(small.rows[0], row, *small.rows[2:]))), 80)
    assert "(saved bytes)" in text


def test_json_has_every_change_and_every_total() -> None:
    difference = compare(draw_small(), redraw())
    records = json.loads(json.dumps(difference_to_records(difference)))
    assert records["totals"]["multiplies"] == {
        "before": 60_416,
        "after": 120_832,
        "difference": 60_416,
        "ratio": 2,
    }
    changed = [change for change in difference.rows if change.sign != "same"]
    assert [row["sign"] for row in records["rows"]] == [change.sign for change in changed]
    for row, change in zip(records["rows"], changed, strict=True):
        assert (row["before"] is None, row["after"] is None) == (change.before is None, change.after is None)
        assert row["changed"] == list(change.figures)
