from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.columns import Columns
from striate.data.instants import order_rows, read_instants
from striate.errors import DataError


def make(times: list[str]) -> Columns:
    return Columns("x.csv", ("time",), ("time",), tuple((each,) for each in times), tuple(range(2, 2 + len(times))))


@given(st.lists(st.integers(-(10**9), 10**9), unique=True, min_size=1, max_size=12), st.booleans())
def test_the_order_of_times_is_that_of_sorting(seconds: list[int], dates: bool) -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    texts = [(start + timedelta(seconds=each)).isoformat() if dates else str(each) for each in seconds]
    order, moved = order_rows(make(texts), 0)
    assert [seconds[row] for row in order.tolist()] == sorted(seconds)
    assert moved == (seconds != sorted(seconds))


def test_zones_count() -> None:
    early, late = read_instants(["2024-01-01T12:00:00+02:00", "2024-01-01T11:00:00"], (2, 3), "x").tolist()
    assert late - early == 3600


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["1", "soon"], "line 3 holds 'soon', needed a number or a date"),
        (["1", "nan"], "line 3 holds 'nan'"),
        (["2", "1", "2"], "lines 2 and 4 are of one time"),
        (["1", ""], "line 3 holds ''"),
    ],
)
def test_refused_in_one_line(times: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        order_rows(make(times), 0)
