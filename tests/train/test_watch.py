from __future__ import annotations

import json
import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.train.watch import Watch

GUESS = math.log(10)
ORDINARY = [2.4, 2.3, 2.2, 2.1, 1.9, 2.0, 1.5, 1.2, 1.1, 0.9, 0.5, 0.3, 0.01, 0.001]


def judge(losses: list[float], least: float = GUESS) -> list[str | None]:
    watch = Watch(least)
    return [watch.judge(loss) for loss in losses]


@pytest.mark.parametrize("spike", [10.0, 45.0, 400.0, 2000.0])
@pytest.mark.parametrize("count", [1, 4])
def test_ordinary_spikes_do_not_count(spike: float, count: int) -> None:
    for place in range(1, len(ORDINARY)):
        assert set(judge(ORDINARY[:place] + [spike] * count + ORDINARY[place:])) == {None}


@pytest.mark.parametrize("first", [0.69, 2.3, 300.0, 1e6])
def test_a_run_may_begin_as_badly_as_it_likes(first: float) -> None:
    assert set(judge([first * 0.97**step for step in range(300)])) == {None}


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (math.nan, "the loss became nan"),
        (math.inf, "the loss became infinite"),
        (-math.inf, "the loss became infinite"),
        (2500.0, "the loss rose to 2.5e+03, 1.09e+03 times what it began with"),
    ],
)
def test_one_loss_may_be_enough(loss: float, said: str) -> None:
    for place in (1, 5, len(ORDINARY)):
        assert judge([2.0] * place + [loss])[-1] == said


def test_from_the_first_step_on_a_loss_must_be_finite() -> None:
    assert judge([math.nan]) == ["the loss became nan"]
    assert judge([1e30]) == [None]


def test_what_stays_high_is_found_and_no_sooner_than_the_median_is() -> None:
    losses = ORDINARY + [60.0] * 12
    found = judge(losses)
    first = next(place for place, said in enumerate(found) if said)
    for place in range(8, len(losses)):
        typical = median(losses[place - 8 : place + 1])
        assert (typical > 20 * max(GUESS, median(ORDINARY[:9]))) == (place >= first)
    assert found[first] == "the loss stayed at 60, 26.1 times what it began with"


def test_growth_that_creeps_is_found_before_it_overflows() -> None:
    found = judge([1.1**step for step in range(300)])
    first = next(place for place, said in enumerate(found) if said)
    assert 1.1**first < 20 * GUESS * 1.1**5


@given(st.lists(st.floats(0, 1e5), max_size=40), st.integers(0, 40))
def test_a_restored_watch_judges_as_the_first_would(losses: list[float], cut: int) -> None:
    first, second = Watch(GUESS), Watch(GUESS)
    for loss in losses[:cut]:
        first.judge(loss)
    second.restore(json.loads(json.dumps(first.to_dict())))
    assert [second.judge(loss) for loss in losses[cut:]] == [first.judge(loss) for loss in losses[cut:]]
    assert second.to_dict() == first.to_dict()


def test_only_a_calm_state_is_one_to_go_back_to() -> None:
    watch = Watch(GUESS)
    assert watch.is_calm(GUESS)
    assert not watch.is_calm(4 * GUESS)
    for _ in range(9):
        watch.judge(GUESS)
    for _ in range(4):
        watch.judge(10 * GUESS)
    assert watch.is_calm(GUESS)
    watch.judge(10 * GUESS)
    assert not watch.is_calm(GUESS)
