"""A difference applied to the first table gives the second: the slow twin of every total."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.measure.tables import Figures, draw_deep, draw_small, make_row, make_table

from striate.measure.difference import COMPARED, TOTALS, Change, Difference, Total, compare
from striate.measure.table import Table

SUMMED = ("parameters", "multiplies", "backward_multiplies", "saved_bytes")
FIGURES = st.tuples(
    st.sampled_from(["conv1", "conv2", "block.conv1", "fc", ""]),
    st.sampled_from(["conv", "relu", "fc"]),
    st.sampled_from([(8, 4, 4), (16, 4, 4), (8, 2, 2), (10,)]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 5),
)
TABLES = st.lists(FIGURES, max_size=12).map(
    lambda listed: make_table([make_row(place, figures) for place, figures in enumerate(listed)])
)


def undo_and_redo(difference: Difference) -> tuple[list[object], list[object]]:
    """The rows before and after, read from the changes alone."""
    before = [change.before for change in difference.rows if change.before is not None]
    return list(before), [change.after for change in difference.rows if change.after is not None]


@given(TABLES, TABLES)
def test_every_row_of_both_is_there_once_and_in_order(first: Table, second: Table) -> None:
    assert undo_and_redo(compare(first, second)) == (list(first.rows), list(second.rows))


@given(TABLES, TABLES)
def test_the_difference_applied_to_the_first_gives_the_seconds_totals(first: Table, second: Table) -> None:
    difference = compare(first, second)
    for total in difference.totals:
        assert (total.before, total.after) == (getattr(first, total.name), getattr(second, total.name))
        assert (total.before or 0) + (total.difference or 0) == total.after
        assert total.ratio is None or total.ratio * (total.before or 0) == total.after
    for name in SUMMED:
        running = getattr(first, name)
        for change in difference.rows:
            running += getattr(change.after, name, 0) - getattr(change.before, name, 0)
        assert running == getattr(second, name)


@given(TABLES)
def test_nothing_changes_from_a_table_to_itself(table: Table) -> None:
    difference = compare(table, table)
    assert {change.sign for change in difference.rows} <= {"same"}
    assert all(total.difference == 0 for total in difference.totals)


@given(TABLES, TABLES)
def test_signs_say_what_happened(first: Table, second: Table) -> None:
    for change in compare(first, second).rows:
        if change.before is None or change.after is None:
            assert change.sign == ("added" if change.before is None else "removed")
            continue
        differs = {name for name in COMPARED if getattr(change.before, name) != getattr(change.after, name)}
        assert set(change.figures) == differs
        assert change.sign == ("changed" if differs else "same")
        assert change.before.kind == change.after.kind


def name_changes(difference: Difference) -> list[tuple[str, str, str]]:
    return [
        (change.sign, change.before.name if change.before else "", change.after.name if change.after else "")
        for change in difference.rows
    ]


def test_a_layer_put_in_shifts_no_other_though_every_name_moves_on() -> None:
    widths = (32, 64, 128, 256, 256)
    layers: list[Figures] = [
        (f"conv{place}", "conv", (width, 8, 8), 9 * width, 81 * width, 3) for place, width in enumerate(widths)
    ]
    short = make_table([make_row(1, layer) for layer in layers[1:]])
    moved = [replace(make_row(1, layer), name=f"conv{place}") for place, layer in enumerate(layers, 1)]
    signs = name_changes(compare(short, make_table(moved)))
    assert signs == [("added", "", "conv1"), *(("same", f"conv{place}", f"conv{place + 1}") for place in range(1, 5))]


def test_a_layer_that_is_widened_stays_itself() -> None:
    thin = make_table([make_row(0, ("a", "conv", (8, 4, 4), 1, 2, 3)), make_row(1, ("b", "conv", (8, 4, 4), 5, 6, 5))])
    wide = make_table([make_row(0, ("a", "conv", (8, 4, 4), 1, 2, 3)), make_row(1, ("b", "conv", (9, 4, 4), 7, 8, 5))])
    assert name_changes(compare(thin, wide)) == [("same", "a", "a"), ("changed", "b", "b")]


def test_a_resolution_that_is_halved_keeps_every_layer_its_own() -> None:
    def draw(side: int) -> Table:
        layers: list[Figures] = [
            ("a", "conv", (8, side, side), 5, side, 3),
            ("b", "conv", (8, side // 2, side // 2), 5, side // 2, 5),
            ("c", "conv", (8, side // 4, side // 4), 5, side // 4, 7),
        ]
        return make_table([make_row(place, layer) for place, layer in enumerate(layers)])

    signs = name_changes(compare(draw(16), draw(8)))
    assert signs == [("changed", name, name) for name in "abc"]


def test_what_was_not_measured_has_no_difference() -> None:
    difference = compare(draw_small(), draw_small(training=None))
    (total,) = (total for total in difference.totals if total.name == "training_bytes")
    assert (total.after, total.difference, total.ratio) == (None, None, None)
    assert Total("depth", 0, 4).ratio is None
    assert Total("depth", 2, 3).ratio == Fraction(3, 2)


def test_all_totals_are_compared() -> None:
    assert [total.name for total in compare(draw_small(), draw_deep()).totals] == list(TOTALS)


def test_long_networks_are_compared_in_the_time_of_reading() -> None:
    layers = [make_row(place, ("conv", "conv", (8, 4, 4), 1, 2, 3), depth=1) for place in range(4000)]
    difference = compare(make_table(layers), make_table(layers[1:]))
    assert sum(change.sign == "same" for change in difference.rows) == 3999


def test_a_change_of_name_alone_is_none() -> None:
    row = make_row(0, ("a", "conv", (8, 4, 4), 1, 2, 3))
    assert Change(row, replace(row, name="b", index=4)).sign == "same"
