"""Repetitions against the windows that they describe, and against lists that are made to repeat."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from striate.arithmetic.repeat import find_repeat

shapes = st.sets(st.integers(0, 5), min_size=1, max_size=3).map(sorted)


@settings(deadline=None)
@given(st.lists(shapes, min_size=1, max_size=4), st.integers(1, 6), st.integers(2, 5))
def test_a_list_made_to_repeat_is_described_cell_by_cell(period: list[list[int]], shift: int, turns: int) -> None:
    windows = [[index + turn * shift for index in shape] for turn in range(turns) for shape in period]
    repeat = find_repeat(windows)
    assert repeat is not None
    assert len(period) % repeat.period == 0
    assert repeat.shift * len(period) == shift * repeat.period
    assert [list(repeat.read(cell)) for cell in range(len(windows))] == windows


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), max_size=3).map(sorted), min_size=1, max_size=14))
def test_any_repetition_found_holds_for_all_but_border_cells(windows: list[list[int]]) -> None:
    repeat = find_repeat(windows)
    if repeat is None:
        return
    holds = [list(repeat.read(cell)) == window for cell, window in enumerate(windows)]
    inner = range(repeat.first, len(windows) - holds[::-1].index(True))
    assert all(holds[cell] for cell in inner)
    assert len(inner) >= 2 * repeat.period
    assert 3 * len(inner) >= len(windows)
    for cell in set(range(len(windows))) - set(inner):
        free, window = repeat.read(cell), windows[cell]
        clamped = not window or (free[0] <= window[0] and window[-1] <= free[-1])
        assert clamped or (repeat.period == repeat.shift == len(window) == 1)


def test_windows_that_stay_or_turn_back_do_not_repeat() -> None:
    assert find_repeat([(0, 1)] * 6) is None
    assert find_repeat([(cell,) for cell in reversed(range(6))]) is None
    assert find_repeat([()] * 6) is None
