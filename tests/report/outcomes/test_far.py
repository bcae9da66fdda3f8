"""The samples farthest off: in order, each with its numbers, and sounds with a player."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from striate.report.outcomes.far import MOST, draw_far, rank_far
from striate.report.story import Story


def test_each_numbers_error_is_measured_by_its_own_spread() -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(50, 2)) * [1, 1000]
    answers = targets + rng.normal(size=(50, 2)) * [1, 1000]
    spread = [float(np.std([row[column] for row in targets])) for column in (0, 1)]
    off = [max(abs(row[column]) / spread[column] for column in (0, 1)) for row in answers - targets]
    assert rank_far(answers, targets).tolist() == sorted(range(50), key=lambda row: -off[row])[:MOST]


def test_targets_that_are_all_alike_are_told_by_their_plain_error() -> None:
    assert rank_far(np.array([[1.0], [4.0], [0.0]]), np.ones((3, 1))).tolist() == [1, 2, 0]


def test_a_sound_is_played_and_a_picture_isnt(tell: Callable[..., Story]) -> None:
    sounds = np.random.default_rng(0).integers(-9000, 9000, (3, 1, 500)).astype(np.int16)
    numbers = np.array([[1.0], [2.0], [3.0]])
    heard = draw_far(tell(3, 1, inputs=sounds, rate=8000, test=None), numbers + np.array([[0], [5], [1]]), numbers)
    cards = heard.split("<li>")[1:]
    assert [card.count("<audio") for card in cards] == [1, 1, 1]
    assert "images/1.png" in cards[0]
    assert "7</dd>" in cards[0]
    assert "<audio" not in draw_far(tell(3, 1, test=None), numbers, numbers)
