"""Texts as they are read: whole ones beside golden files, and every figure found again.

STRIATE_GOLDEN=write writes the golden files anew; read them before they are kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measure.tables import SMALL, draw_deep, draw_small, make_row, make_table, make_trace

from striate.measure.table import Table
from striate.measure.text import OWN, list_shown, name_rows, write_table

GOLDEN = Path(__file__).parent / "golden"
DRAWN: dict[str, Callable[[], Table]] = {
    "small": draw_small,
    "deep": draw_deep,
    "forward": lambda: draw_small(training=None, mode="eval", inference_multiplies=60_415),
}
PATHS = st.lists(
    st.lists(st.sampled_from(["a", "bb", "layer1", "a_rather_long_name"]), max_size=4).map(".".join),
    min_size=1,
    max_size=12,
)


def check_golden(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("STRIATE_GOLDEN") == "write":
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 80, 132])
@pytest.mark.parametrize("name", DRAWN)
def test_the_text_is_the_golden_one(name: str, width: int) -> None:
    check_golden(f"{name}-{width}", write_table(DRAWN[name](), width))


@pytest.mark.parametrize("width", [50, 60, 80, 100, 119, 120, 160, 200])
@pytest.mark.parametrize("name", DRAWN)
def test_no_line_is_wider_and_no_figure_is_cut(name: str, width: int) -> None:
    table = DRAWN[name]()
    text = write_table(table, width)
    assert all(len(line) <= width for line in text.splitlines())
    words = text.replace("?", "").split()
    for row in list_shown(table):
        assert not row.parameters or f"{row.parameters:,}" in words
        assert not row.multiplies or f"{row.multiplies:,}" in words
    for total in (table.parameters, table.multiplies, table.inference_bytes):
        assert f"{total:,}" in words
    assert " ".join(table.rule.split()) in " ".join(words)


@pytest.mark.parametrize("name", DRAWN)
def test_the_lines_add_up_to_the_totals(name: str) -> None:
    table = DRAWN[name]()
    lines = write_table(table, 200).splitlines()
    (start,) = (number for number, line in enumerate(lines) if line.startswith("name "))
    end = next(number for number, line in enumerate(lines) if line.startswith("total "))
    edge = lines[start].index("multiplies") + len("multiplies")
    column = [line[:edge].split("  ")[-1].strip().rstrip("?") for line in lines[start + 1 : end + 1]]
    numbers = [int(cell.replace(",", "")) for cell in column if cell.replace(",", "").isdigit()]
    assert sum(numbers[:-1]) == numbers[-1] == table.multiplies


@pytest.mark.parametrize("name", DRAWN)
def test_the_terms_of_memory_add_up(name: str) -> None:
    table = DRAWN[name]()
    lines = write_table(table, 80).splitlines()
    (start,) = (number for number, line in enumerate(lines) if line.startswith("bytes "))
    rows = [[int(cell.replace(",", "")) for cell in line.split()[1:]] for line in lines[start + 1 : start + 9]]
    assert lines[start + 8].startswith("peak")
    assert [sum(column) for column in zip(*rows[:-1], strict=True)] == rows[-1]
    peaks = [table.inference_bytes, *([table.training_bytes] if table.training_bytes is not None else [])]
    assert rows[-1] == peaks


def test_views_are_shown_where_a_module_does_nothing_else() -> None:
    view = {"is_view": True}
    rows = [
        make_row(0, ("flat", "flatten", (8,), 0, 0, 0), **view),
        make_row(1, ("flat", "flatten", (4, 2), 0, 0, 0), **view),
        make_row(2, ("mix", "permute", (2, 4), 0, 0, 0), **view),
        make_row(3, ("mix", "mul", (2, 4), 0, 0, 0)),
        make_row(4, ("block", "view", (8,), 0, 0, 0), **view),
        make_row(5, ("block.fc", "fc", (8,), 9, 8, 0)),
        make_row(6, ("", "view", (8,), 0, 0, 0), **view),
    ]
    shown = list_shown(make_table(rows, trace=make_trace(["", "flat", "mix", "block", "block.fc"])))
    assert [row.index for row in shown] == [1, 3, 5]


def test_names_that_fit_stay_whole() -> None:
    assert name_rows(["a.b", "", "c"], 8) == (["a.b", OWN, "c"], [[], [], []])


@given(PATHS, st.integers(8, 40))
def test_a_path_can_be_read_from_its_headline_and_its_cell(paths: list[str], room: int) -> None:
    cells, heads = name_rows(paths, room)
    head = ""
    for path, cell, above in zip(paths, cells, heads, strict=True):
        head = above[0] if above else head if cell.startswith("  ") else ""
        shown = cell.strip()
        read = head if shown == OWN else f"{head}.{shown}" if head else shown
        assert read == path


def test_a_network_without_extents_has_no_field() -> None:
    table = replace(make_table([make_row(0, SMALL[-1])]), input=((64,),))
    assert "field" not in write_table(table, 80)
    assert "field" in write_table(draw_small(), 80)


def test_columns_left_out_are_named() -> None:
    table = draw_deep()
    assert "not shown" not in write_table(table, 90)
    assert "not shown at this width: memory, field, step" in write_table(table, 50)
