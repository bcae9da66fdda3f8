from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from striate.report.scales import Quantity, choose_scale, write_quantity


@given(st.lists(st.integers(0, 2**50), max_size=80), st.sampled_from(["count", "bytes", "cells"]))
def test_every_bar_fits_and_ticks_are_few(values: list[int], quantity: Quantity) -> None:
    scale = choose_scale(values, quantity)
    axes = Figure().add_subplot()
    scale.apply(axes)
    low, high = axes.get_xlim()
    assert all(low < value < high for value in values if value)
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert 1 <= len(ticks) <= 8
    texts = [write_quantity(tick, quantity) for tick in ticks]
    assert len(set(texts)) == len(texts)


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=50))
def test_a_linear_scale_shows_more_than_half_of_the_bars(values: list[int]) -> None:
    shown = sum(value >= max(values) / 50 for value in values)
    assert choose_scale(values, "count").logarithmic == (2 * shown <= len(values))


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (999_600, "1 M"), (1234, "1.23 k"), (5e16, "50 P")]
)
def test_counts_have_three_digits(value: float, text: str) -> None:
    assert write_quantity(value, "count") == text
