from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.tables import make_row

from striate.report.folding import FEW, LONGEST, MOST, fold_rows, shorten_path

names = st.lists(st.text("ab1é$", min_size=0, max_size=6), min_size=1, max_size=4).map(".".join)


@given(st.lists(names, max_size=90), st.integers(1, 70))
def test_every_row_is_in_one_bar_in_order(listed: list[str], most: int) -> None:
    rows = [make_row(name, index, kind="conv") for index, name in enumerate(listed)]
    bars = fold_rows(rows, most)
    assert [row for bar in bars for row in bar.rows] == rows
    assert len(bars) <= most
    assert all(len(bar.label) <= LONGEST for bar in bars)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=100))
def test_sums_survive_the_fold(numbers: list[int]) -> None:
    rows = [
        make_row(f"a.b{i % 7}", i, parameters=n, multiplies=2 * n, output_bytes=3 * n, saved_bytes=None)
        for i, n in enumerate(numbers)
    ]
    bars = fold_rows(rows, 10)
    assert sum(bar.parameters for bar in bars) == sum(numbers)
    assert sum(bar.multiplies for bar in bars) == 2 * sum(numbers)
    assert sum(bar.output_bytes for bar in bars) == 3 * sum(numbers)
    assert sum(bar.saved_bytes for bar in bars) == 0


def test_the_deepest_level_that_fits_is_taken() -> None:
    rows = [make_row(f"stage{i // 100}.block{i // 10 % 10}.conv{i % 10}", i) for i in range(400)]
    bars = fold_rows(rows)
    assert [bar.label for bar in bars[:2]] == ["stage0.block0 (10 rows)", "stage0.block1 (10 rows)"]
    assert len(bars) == 40


@pytest.mark.parametrize("prefix", ["", "backbone."])
def test_neighbours_are_joined_where_no_level_fits(prefix: str) -> None:
    bars = fold_rows([make_row(f"{prefix}conv{i}", i) for i in range(1000)])
    assert FEW <= len(bars) <= MOST
    sizes = {len(bar.rows) for bar in bars}
    assert max(sizes) - min(sizes) <= 1
    assert bars[0].label.endswith(f"({len(bars[0].rows)} rows)")


def test_a_bar_sees_what_its_last_row_that_ran_sees() -> None:
    rows = [make_row(f"a.conv{i}", i) for i in range(MOST + 5)] + [make_row("a", -1, kind="unused")]
    last = fold_rows(rows)[-1].last
    assert last is not None
    assert last.index == MOST + 4


@given(st.text("abc.", max_size=60), st.integers(4, 40))
def test_a_short_path_is_the_end_of_the_long_one(path: str, most: int) -> None:
    short = shorten_path(path, most)
    assert len(short) <= most
    assert short == path or (short[0] == "…" and path.endswith(short[1:]))
