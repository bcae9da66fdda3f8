from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.train.recipe import Recipe
from striate.train.schedule import Length, one_cycle, plan_length

RECIPE = Recipe(epochs=3, mean=(0.5,), std=(0.5,))
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("share", "value"),
    [(0.0, 0.1), (0.125, 0.55), (0.25, 1.0), (0.625, 0.6), (1.0, 0.2), (2.0, 0.2), (-1.0, 0.1)],
)
def test_values_by_hand(share: float, value: float) -> None:
    assert one_cycle(share, warmup=0.25, final=0.2) == pytest.approx(value)


@pytest.mark.parametrize(
    ("warmup", "share", "value"), [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.5, 0.55), (1.0, 1.0, 1.0)]
)
def test_either_leg_may_be_missing(warmup: float, share: float, value: float) -> None:
    assert one_cycle(share, warmup) == pytest.approx(value)


@given(SHARES, SHARES, st.floats(0.01, 0.99), SHARES)
def test_it_rises_then_falls_within_its_bounds(one: float, other: float, warmup: float, final: float) -> None:
    low, high = sorted((one, other))
    first, second = one_cycle(low, warmup, final), one_cycle(high, warmup, final)
    assert min(0.1, final) <= first <= 1 + 1e-12
    if high <= warmup:
        assert first <= second + 1e-12
    if low >= warmup:
        assert first >= second - 1e-12


def test_lengths_by_epochs_steps_and_minutes() -> None:
    assert plan_length(RECIPE, 10) == Length(10, 30)
    assert plan_length(replace(RECIPE, steps=25), 10) == Length(10, 25)
    assert plan_length(replace(RECIPE, steps=25), 10).epochs == 3
    assert plan_length(replace(RECIPE, minutes=0.5), 10).seconds == 30


def test_minutes_count_the_clock_and_steps_do_not() -> None:
    minutes, steps = Length(10, 30, seconds=60.0), Length(10, 30)
    assert (minutes.share(29, 15.0), steps.share(15, 1e9)) == (0.25, 0.5)
    assert (minutes.is_over(10**9, 59.9), minutes.is_over(1, 60.0)) == (False, True)
    assert (steps.is_over(29, 1e9), steps.is_over(30, 0.0)) == (False, True)


def test_the_steps_of_a_length_in_minutes_are_judged_by_the_pace() -> None:
    assert Length(10, 30, seconds=60.0).expect(step=50, elapsed=15.0).steps == 200
    assert Length(10, 30, seconds=60.0).expect(step=50, elapsed=90.0).steps == 50
    assert Length(10, 30).expect(step=5, elapsed=1.0).steps == 30
