from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from striate.measure.grid import EXTRA, NARROWEST, Column, fold, lay_out, write_grid

NAMES = st.text("abc._", min_size=1, max_size=40)
CELLS = st.lists(st.tuples(NAMES, st.integers(0, 10**12), st.integers(0, 10**6)), min_size=1, max_size=8)


def make(rows: list[tuple[str, int, int]]) -> tuple[Column, list[Column]]:
    names = Column("name", [name for name, _, _ in rows], "total", is_number=False)
    first = Column("cost", [f"{cost:,}" for _, cost, _ in rows], f"{sum(cost for _, cost, _ in rows):,}")
    return names, [first, Column("depth", [str(depth) for *_, depth in rows], rank=1)]


@given(NAMES, st.integers(NARROWEST, 30))
def test_folding_loses_no_letter(name: str, room: int) -> None:
    parts = fold(name, room)
    assert "".join(part.strip() for part in parts) == name
    assert all(len(part.strip()) > 0 and len(part) <= room for part in parts)
    assert len(parts) == 1 or len(name) > room


@given(CELLS, st.integers(40, 90))
def test_a_grid_stays_within_its_width_and_cuts_no_figure(rows: list[tuple[str, int, int]], width: int) -> None:
    names, columns = make(rows)
    layout = lay_out(columns, width)
    lines = write_grid(names, layout).splitlines()
    assert all(len(line) <= width for line in lines)
    shown = [word for line in lines for word in line.split()]
    for _, cost, depth in rows:
        assert f"{cost:,}" in shown
        assert str(depth) in shown
    assert layout.left_out == ()


def test_the_column_of_the_highest_rank_goes_first_and_rank_0_stays() -> None:
    columns = [Column(str(rank) * 9, ["1"], rank=rank) for rank in (0, 2, 1)]
    assert lay_out(columns, 60).left_out == ()
    assert lay_out(columns, 30).left_out == ("2" * 9,)
    assert lay_out(columns, 22).left_out == ("2" * 9, "1" * 9)
    assert lay_out(columns, 5).left_out == ("2" * 9, "1" * 9)


def test_the_gap_narrows_before_a_column_goes_but_not_for_extra_ones() -> None:
    fits = NARROWEST + 2 * 10
    for rank, left_out, gap in ((1, (), 1), (EXTRA, ("b" * 9,), 2)):
        layout = lay_out([Column("a" * 9, []), Column("b" * 9, [], rank=rank)], fits)
        assert (layout.left_out, layout.gap) == (left_out, gap)


def test_figures_stand_to_the_right_and_words_to_the_left() -> None:
    columns = [Column("kind", ["fc", "maxpool"], is_number=False), Column("cost", ["7", "1,000"], "1,007")]
    text = write_grid(Column("name", ["a", "b"], "total"), lay_out(columns, 40), [["above"], []])
    assert text.splitlines() == [
        "name   kind      cost",
        "above",
        "a      fc           7",
        "b      maxpool  1,000",
        "total           1,007",
    ]


def test_a_word_that_is_too_long_folds_within_its_column() -> None:
    columns = [Column("kind", ["native_batch_norm"], is_number=False, most=8), Column("cost", ["7"])]
    assert write_grid(Column("name", ["a"]), lay_out(columns, 40)).splitlines() == [
        "name  kind      cost",
        "a     native_      7",
        "        batch_",
        "          norm",
    ]
