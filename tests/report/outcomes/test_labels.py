"""Several labels on the page: the surest mistakes, and sounds with a player."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from striate.report.outcome import Outcome
from striate.report.outcomes.labels import rank_wrong, show_labels
from striate.report.story import Story
from striate.train import Recipe
from striate.train.tasks import make_task


def test_the_wrong_ones_by_how_sure_they_were() -> None:
    rng = np.random.default_rng(3)
    answers, truth = rng.uniform(size=(20, 4)), rng.uniform(size=(20, 4)) > 0.5
    wrong = []
    for sample in range(20):
        for label in range(4):
            score = float(answers[sample, label])
            if (score > 0.5) != bool(truth[sample, label]):
                wrong.append((abs(score - 0.5), [sample, label]))
    wrong.sort(key=lambda pair: -pair[0])
    assert rank_wrong(answers, truth).tolist() == [place for _, place in wrong]


def test_each_mistake_says_what_was_missed_and_plays_it(tell: Callable[..., Story]) -> None:
    truth = np.array([[True, False], [False, True], [True, True]])
    logits = np.array([[3.0, -3.0], [2.0, 3.0], [3.0, -1.0]], np.float32)
    task = make_task("labels", truth, {})
    judged = task.judge(logits, truth, Recipe(epochs=1, mean=(0.0,), std=(1.0,)))
    outcome = Outcome("labels", task.merit, judged, 1 / (1 + np.exp(-logits)), truth)
    sounds = np.random.default_rng(0).integers(-9000, 9000, (3, 1, 500)).astype(np.int16)
    story = tell(3, 2, classes=("bell", "horn"), inputs=sounds, rate=8000, test=None, outcome=outcome)
    (mistakes,) = [section.body for section in show_labels(story).sections if section.anchor == "mistakes"]
    cards = mistakes.split("<li>")[1:]
    assert len(cards) == 2
    assert "seen wrongly" in cards[0]
    assert "bell" in cards[0].split("seen wrongly")[1]
    assert "missed" in cards[1]
    assert "horn" in cards[1].split("missed")[1]
    assert all(card.count("<audio") == 1 for card in cards)
