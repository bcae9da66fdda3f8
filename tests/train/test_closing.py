from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import nn

from striate.engine import Engine
from striate.train import Recipe
from striate.train.batches import read_samples
from striate.train.closing import Closing, Surroundings
from striate.train.learner import Learner
from striate.train.schedule import Length

RECIPE = Recipe(epochs=1, mean=(0.5,), std=(0.5,))
MINUTE = Length(per_epoch=10, steps=10, seconds=60.0)


@pytest.fixture
def closing(make_net: Callable[[], nn.Sequential], digits: tuple[NDArray[np.uint8], NDArray[np.int64]]) -> Closing:
    samples = read_samples(*digits, RECIPE)
    return Closing(Learner(make_net(), RECIPE, Engine()), samples, samples, Surroundings(samples=640, seconds=2.0))


def test_what_a_validation_took_is_left_over_for_it_and_for_what_follows(closing: Closing) -> None:
    # 320 samples in 3 seconds: 640 more take 6, and 2 seconds were asked for.
    assert closing.learn(MINUTE, 3.0).closing == pytest.approx(3 + 6 + 2)
    assert closing.learn(MINUTE, 3.0).training_seconds == pytest.approx(49)


def test_a_rehearsal_knows_before_the_first_step(closing: Closing) -> None:
    found = closing.rehearse(MINUTE)
    assert 2.0 < found.closing < 30


def test_lengths_in_steps_are_left_alone(closing: Closing) -> None:
    length = Length(per_epoch=10, steps=10)
    assert closing.rehearse(length) is length is closing.learn(length, 3.0)
