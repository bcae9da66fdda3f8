from __future__ import annotations

from itertools import pairwise
from math import isnan, log, nan

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from matplotlib.ticker import MaxNLocator

from striate.report.axes import Axis, choose_step, draw_axes, fit_axis

reals = st.floats(-1e6, 1e6)


@given(st.lists(reals, min_size=1))
def test_every_value_has_its_place_on_the_drawing(values: list[float]) -> None:
    axis = fit_axis([*values, nan], 200, 20)
    assert axis.low < axis.high
    assert all(20 <= axis.place(value) <= 200 for value in values)


@given(st.integers(-5000, 5000), st.integers(1, 9000), st.integers(-4, 4), st.booleans())
def test_ticks_are_those_that_matplotlib_chooses(first: int, cells: int, power: int, integer: bool) -> None:
    assume(choose_step(cells / 5) > cells / 5 * (1 + 1e-6))  # there a rounding error decides for matplotlib
    unit = 1.0 if integer else 10.0**power
    low, high = first * unit, (first + cells) * unit
    locator = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], integer=integer, min_n_ticks=1)
    slack = (high - low) * 1e-9
    wanted = [value for value in locator.tick_values(low, high) if low - slack <= value <= high + slack]
    assert Axis(low, high, 0, 1).ticks(integer=integer) == pytest.approx(wanted, abs=slack)


@given(st.lists(st.floats(1e-9, 1e9), min_size=1))
def test_logarithmic_places_are_in_proportion(values: list[float]) -> None:
    axis = fit_axis([*values, 0.0, -1.0], 0, 1, logarithmic=True)
    for value in values:
        expected = (log(value) - log(axis.low)) / (log(axis.high) - log(axis.low))
        assert axis.place(value) == pytest.approx(expected, abs=1e-6)
    assert isnan(axis.place(0.0))


@given(reals, st.floats(1e-3, 1e6))
def test_ticks_are_few_even_and_inside(low: float, width: float) -> None:
    assume(width > 1e-6 * abs(low))
    ticks = Axis(low, low + width, 0, 1).ticks()
    assert 1 <= len(ticks) <= 7
    assert all(low - 1e-6 * width <= tick <= low + width * (1 + 1e-6) for tick in ticks)
    steps = [b - a for a, b in pairwise(ticks)]
    assert steps == pytest.approx([steps[0]] * len(steps) if steps else [], rel=1e-3)


@given(st.floats(1e-9, 1e6), st.floats(1.5, 1e9))
def test_logarithmic_ticks_are_few_and_inside(low: float, ratio: float) -> None:
    ticks = Axis(low, low * ratio, 0, 1, logarithmic=True).ticks()
    assert len(ticks) <= 6
    assert all(low <= tick <= low * ratio for tick in ticks)
    assert ticks or ratio < 2.5


def test_nothing_known_still_has_axes() -> None:
    x, y = fit_axis([], 0, 100), fit_axis([], 50, 0, logarithmic=True)
    assert draw_axes(x, y, "epoch", write_x=str, write_y=str)


def test_accuracy_never_runs_past_all() -> None:
    assert fit_axis([0.5, 1.0], 0, 1, most=1).high == 1
