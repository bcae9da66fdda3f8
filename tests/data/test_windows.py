"""No part looks into the future of its own: the rule held against every row that each window reads, or is asked of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.pool import Side
from striate.data.windows import LEAST, MOST_CELLS, Spans, Windows, choose_size, choose_step, cut_rows

ANY = st.builds(
    Windows, rows=st.integers(1, 200), size=st.integers(1, 30), ahead=st.integers(0, 10), step=st.integers(1, 7)
)


def list_rows(windows: Windows) -> list[set[int]]:
    """Of each window all rows that it reads or is asked of, by a loop."""
    found, start = [], 0
    while start + windows.size + windows.ahead <= windows.rows:
        found.append(set(range(start, start + windows.size + windows.ahead)))
        start += windows.step
    return found


@given(ANY)
def test_no_window_looks_into_another_parts_time(windows: Windows) -> None:
    read, sides = list_rows(windows), windows.find_sides()
    assert len(read) == len(sides) == len(windows.starts)
    parts = {side: [rows for rows, own in zip(read, sides, strict=True) if own == side] for side in Side}
    for earlier, later in ((Side.TRAIN, Side.VAL), (Side.TRAIN, Side.TEST), (Side.VAL, Side.TEST)):
        if parts[earlier] and parts[later]:
            assert max(map(max, parts[earlier])) < min(map(min, parts[later]))


@given(ANY)
def test_every_window_that_lies_in_one_part_is_kept(windows: Windows) -> None:
    owner = {row: side for side, (first, last) in enumerate(cut_rows(windows.rows)) for row in range(first, last)}
    assert sorted(owner) == list(range(windows.rows))
    for rows, side in zip(list_rows(windows), windows.find_sides(), strict=True):
        owners = {owner[row] for row in rows}
        assert (side == Side.UNSAID) == (len(owners) > 1)
        if len(owners) == 1:
            assert side == (Side.TRAIN, Side.VAL, Side.TEST)[owners.pop()]


@pytest.mark.parametrize("rows", [60, 100, 1000, 50_000])
def test_the_chosen_size_leaves_windows_in_every_part(rows: int) -> None:
    size = choose_size(rows)
    sides = Windows(rows, size, 1).find_sides()
    assert size >= LEAST
    if rows >= 200:
        assert {int((sides == side).sum() > 0) for side in (Side.TRAIN, Side.VAL, Side.TEST)} == {1}


@given(st.integers(1, 10**9), st.integers(1, 512), st.integers(1, 50))
def test_windows_never_take_more_than_half_a_gigabyte(rows: int, size: int, channels: int) -> None:
    step = choose_step(rows, size, channels)
    assert rows * size * channels / step <= MOST_CELLS
    assert step == 1 or rows * size * channels / (step - 1) > MOST_CELLS


def test_names_count_rows_from_one() -> None:
    names = Spans("x.csv", np.array([0, 3]), 4)
    assert list(names) == ["x.csv, rows 1 to 4", "x.csv, rows 4 to 7"]
    assert list(names[1:]) == ["x.csv, rows 4 to 7"]
