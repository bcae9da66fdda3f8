from __future__ import annotations

from dataclasses import fields

import pytest
from tests.measure.tables import draw_deep, draw_small, make_memory, make_row, make_table

from striate.measure.finding import Finding
from striate.measure.memory import Memory
from striate.measure.row import EXACT
from striate.measure.summary import MOST_NAMES, TERMS, count_kinds, list_terms, write_findings, write_summary


def test_the_terms_are_all_there_are() -> None:
    for term in TERMS:
        only = Memory(**{name: int(name == term) for name in TERMS}, at="", settings="")
        assert only.peak == sum(list_terms(only).values()) == 1
    assert set(TERMS) < {field.name for field in fields(Memory)}


def test_every_row_is_counted_free_or_partial() -> None:
    table = draw_deep()
    counted, free = count_kinds(table)
    assert sum(counted.values()) == table.multiplies
    assert list(counted.values()) == sorted(counted.values(), reverse=True)
    kinds = [row.kind for row in table.rows if row.multiplies]
    unknown = [row for row in table.rows if row.status != EXACT]
    unused = [row for row in table.rows if row.index < 0]
    assert sum(free.values()) + len(kinds) + len(unknown) + len(unused) == len(table.rows)
    text = write_summary(table, 80)
    assert all(f"{kind} {number}" in text for kind, number in free.items())


def test_shares_are_of_the_total() -> None:
    lines = [line.split() for line in write_summary(draw_small(), 80).splitlines()]
    assert ["conv", "55,296", f"{100 * 55_296 / 60_416:.1f}", "%", "110,592"] in lines


def test_what_is_partial_is_named() -> None:
    rows = [
        make_row(place, (f"sort{place}", "sort", (3,), 0, 0, 0), status="partial: no rule for aten.sort")
        for place in range(MOST_NAMES + 3)
    ]
    text = " ".join(write_summary(make_table(rows), 80).split())
    assert "no rule for aten.sort: sort0, sort1," in text
    assert f"sort{MOST_NAMES - 1} and 3 more" in text
    assert f"sort{MOST_NAMES}" not in text
    assert "Partial" not in write_summary(draw_small(), 80)


def test_a_count_in_eval_mode_is_said_where_it_is_another() -> None:
    assert "in eval mode" not in write_summary(draw_small(), 80)
    assert "in eval mode: 7 multiplies" in write_summary(draw_small(inference_multiplies=7), 80)


def test_memory_says_where_the_peak_is_and_with_which_optimizer() -> None:
    text = write_summary(draw_small(training=make_memory(0, at="block2.conv1", settings="adam")), 80)
    assert "at block2.conv1 (adam)" in text


def test_terms_that_are_nothing_everywhere_are_not_shown() -> None:
    none = Memory(8, 0, 4, 0, 0, 2, 0, "fc", "")
    lines = write_summary(draw_small(inference=none, training=None), 80).splitlines()
    (start,) = (number for number, line in enumerate(lines) if line.startswith("bytes"))
    assert [line.split() for line in lines[start + 1 : start + 5]] == [
        ["parameters", "8"],
        ["inputs", "4"],
        ["activations", "2"],
        ["peak", "14"],
    ]


@pytest.mark.parametrize("width", [40, 80])
def test_findings_say_all_that_they_hold(width: int) -> None:
    one = Finding("bias-before-bn", "block1.conv2", "bn takes its bias away again", "64 parameters", "Set bias=no")
    two = Finding("too-deep", "", "the field passes the input", "435 of 64 cells", "Take layers away")
    text = write_findings([one, two], width)
    assert all(len(line) <= width for line in text.splitlines())
    said = " ".join(text.split())
    for part in ("block1.conv2", one.reason, one.figure, one.remedy, two.reason, two.figure, two.remedy):
        assert part in said
    assert write_findings([], width) == ""
