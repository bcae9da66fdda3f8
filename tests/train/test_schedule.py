from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.train.limits import SCHEDULES as NAMES
from striate.train.recipe import Recipe
from striate.train.schedule import SCHEDULES, Length, cosine, find_cycle, find_share, one_cycle, plan_length

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
    # Steps of 10.4 seconds: the next would end at 62.4.
    assert (Length(10, 30, seconds=57.1).is_over(5, 52.0), Length(10, 30, seconds=57.3).is_over(5, 52.0)) == (
        True,
        False,
    )
    assert Length(10, 30, seconds=60.0, closing=10.0).is_over(10**9, 50.0)
    assert Length(10, 30, seconds=60.0, closing=99.0).share(0, 0.0) == 1.0
    assert (steps.is_over(29, 1e9), steps.is_over(30, 0.0)) == (False, True)


def test_the_steps_of_a_length_in_minutes_are_judged_by_the_pace() -> None:
    assert Length(10, 30, seconds=60.0).expect(step=50, elapsed=15.0).steps == 200
    assert Length(10, 30, seconds=60.0).expect(step=50, elapsed=90.0).steps == 50
    assert Length(10, 30).expect(step=5, elapsed=1.0).steps == 30


def test_every_schedule_has_its_name() -> None:
    assert tuple(SCHEDULES) == NAMES
    assert find_share(RECIPE, 0.4) == one_cycle(0.4)


@pytest.mark.parametrize("name", NAMES)
@given(share=SHARES)
def test_shares_stay_within_bounds(name: str, share: float) -> None:
    recipe = replace(RECIPE, schedule=name, warmup=0.3, final=0.2, start=0.4, cycles=3)
    assert (0.0 if name == "linear" else 0.2) <= find_share(recipe, share) <= 1 + 1e-12


def test_linear_warms_up_from_nothing_and_ends_at_its_floor() -> None:
    recipe = replace(RECIPE, schedule="linear", warmup=0.2, final=0.1)
    assert [find_share(recipe, share) for share in (0.0, 0.1, 0.2, 0.6, 1.0)] == pytest.approx([0, 0.5, 1, 0.55, 0.1])


def test_half_a_cosine_by_its_slope() -> None:
    step = 1e-6
    for share in (0.3, 0.5, 0.9):
        slope = (cosine(share + step, 0.2, 0.1) - cosine(share - step, 0.2, 0.1)) / (2 * step)
        assert slope == pytest.approx(-0.45 * math.pi / 0.8 * math.sin(math.pi * (share - 0.2) / 0.8), rel=1e-4)


@pytest.mark.parametrize("cycles", [1, 2, 5])
def test_each_cycle_is_twice_as_long_as_the_one_before(cycles: int) -> None:
    per_epoch, place = 10, 0
    steps = per_epoch * (2**cycles - 1)
    for cycle in range(cycles):
        length = per_epoch * 2**cycle
        for step in range(length):
            found, share = find_cycle((place + step) / steps, cycles)
            assert found == cycle
            assert share == pytest.approx(step / length, abs=1e-6)
        place += length
    recipe = replace(RECIPE, schedule="restarts", cycles=cycles, warmup=0.25, start=0.1)
    assert find_share(recipe, 0.0) == pytest.approx(0.1)
    assert find_share(recipe, (per_epoch - 1) / steps) == pytest.approx(one_cycle((per_epoch - 1) / per_epoch))
