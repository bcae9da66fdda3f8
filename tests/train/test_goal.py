from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from torch import nn

from striate.engine import Engine
from striate.train import Recipe, fit, goal
from striate.train.goal import Goal
from striate.train.learner import Learner
from striate.train.schedule import Length

INPUTS = np.array([[[0, 0]], [[255, 255]]] * 16, dtype=np.uint8)
LABELS = np.array([0, 1] * 16)


def make_recipe(**changes: Any) -> Recipe:
    """Three cycles of 3, 6 and 12 steps, which end within epochs of four."""
    values = {"epochs": 6, "steps": 21, "batch": 8, "schedule": "restarts", "cycles": 3, "lr": 0.5, **changes}
    return Recipe(mean=(0.5,), std=(0.5,), **values)


def train(until: float | None, **changes: Any) -> list[dict[str, Any]]:
    module = nn.Sequential(nn.Flatten(), nn.Linear(2, 2))
    history = fit(module, INPUTS, LABELS, make_recipe(**changes), Engine(), validate=(INPUTS, LABELS), until=until)
    return list(history)


def test_a_goal_ends_the_run_with_the_cycle_that_reaches_it() -> None:
    history = train(until=0.99)
    assert (history[-1]["step"], history[-1]["epoch"], history[-1]["validation_accuracy"]) == (3, 1, 1.0)


@pytest.mark.parametrize("changes", [{}, {"schedule": "one-cycle", "cycles": 1}])
def test_without_a_goal_the_run_goes_to_its_end(changes: dict[str, Any]) -> None:
    assert train(until=None, **changes)[-1]["step"] == 21


def test_one_cycle_is_judged_by_epochs_alone() -> None:
    assert train(until=0.99, schedule="one-cycle", cycles=1)[-1]["step"] == 4


def test_what_was_found_at_a_cycles_end_is_not_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    answers = iter([(0.5, 0.8), (0.1, 1.0), (0.2, 0.9), (0.3, 0.95)])

    def validate(*_: Any) -> tuple[float, float]:
        asked.append(1)
        return next(answers)

    monkeypatch.setattr(goal, "validate_learner", validate)
    module = nn.Sequential(nn.Flatten(), nn.Linear(2, 2))
    one = Goal(Learner(module, make_recipe(), Engine()), None, 0.99)
    length = Length(per_epoch=4, steps=21)
    assert not one.ends(length, 2)
    assert not asked
    assert not one.ends(length, 3)
    assert one.ends(length, 9)
    assert one.judge(9) == (0.1, 1.0)
    assert len(asked) == 2
    assert one.judge(9) == (0.2, 0.9)  # the state may be another by now
    assert one.judge(12) == (0.3, 0.95)
