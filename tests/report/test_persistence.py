"""Beside a series' headline stands how good it is to say that things go on as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from striate.report.outcome import Outcome
from striate.report.page import render_report
from striate.report.persistence import describe_persistence
from striate.report.story import Story
from striate.train import Recipe
from striate.train.scores import Scores
from striate.train.tasks import make_task

READING: dict[str, Any] = {"kind": "series", "columns": ["a", "b"], "target": "b", "aim": "value", "horizon": 1}
INPUTS = np.random.default_rng(2).normal(0, 1, (40, 2, 6)).astype(np.float32)


def judge(labels: np.ndarray[Any, Any]) -> Outcome:
    task = make_task("regress", labels, {})
    outputs = np.zeros_like(labels)
    judged = task.judge(outputs, labels, Recipe(epochs=1, mean=(0,), std=(1,)))
    return Outcome("regress", task.merit, judged, outputs, labels)


def test_a_regression_is_held_against_its_last_value(tell: Callable[..., Story]) -> None:
    labels = INPUTS[:, 1, -1:] + 0.25
    fields: dict[str, Any] = {"inputs": INPUTS, "classes": ("b",), "test": None, "outcome": judge(labels)}
    story = tell(40, 1, reading=READING, **fields)
    spread = float(((labels - labels.mean()) ** 2).sum())
    said = f"Answering the last value again would have an R2 of {1 - 40 * 0.0625 / spread:.4f}, and a median error of"
    assert said in describe_persistence(story)
    assert f"{said} 0.25." in render_report(story)
    assert describe_persistence(tell(40, 1, reading=None, **fields)) == ""


@pytest.mark.parametrize("aim", ["direction", "class"])
def test_a_direction_is_held_against_the_last_move(tell: Callable[..., Story], aim: str) -> None:
    rose = (INPUTS[:, 1, -1] > INPUTS[:, 1, -2]).astype(np.int64)
    scores = Scores(np.zeros((40, 2), np.float32), np.where(np.arange(40) < 10, 1 - rose, rose))
    story = tell(40, 2, reading={**READING, "aim": aim}, inputs=INPUTS, test=scores)
    said = "Answering the last move again would be right in 75.0\u00a0%."
    assert (said in render_report(story)) == (aim == "direction")


def test_pictures_go_on_as_nothing(tell: Callable[..., Story]) -> None:
    assert describe_persistence(tell()) == ""
    assert describe_persistence(tell(test=None, val=None)) == ""
