"""Classification: targets, loss, merit and answers, each against the same worked out by loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from striate.errors import InputError, ShapeError
from striate.train import Recipe
from striate.train.tasks.classify import CLASSIFY

RECIPE = Recipe(epochs=1, mean=(0.5,), std=(0.25,), smoothing=0.0)
SCORES = np.random.default_rng(0).normal(0, 2, (40, 5)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 5, 40)


def find_probabilities(scores: np.ndarray) -> list[list[float]]:
    """Softmax, number by number."""
    rows = []
    for row in scores.tolist():
        powers = [math.exp(score) for score in row]
        rows.append([power / sum(powers) for power in powers])
    return rows


def find_figures() -> tuple[float, float]:
    """Mean loss, and the share that is right."""
    rows = find_probabilities(SCORES)
    losses = [-math.log(row[label]) for row, label in zip(rows, LABELS, strict=True)]
    right = [max(row) == row[label] for row, label in zip(rows, LABELS, strict=True)]
    return sum(losses) / len(losses), sum(right) / len(right)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8, torch.bool])
def test_class_numbers_of_any_whole_type_are_read(dtype: torch.dtype) -> None:
    targets = torch.tensor([0, 1, 1, 0]).to(dtype)
    found = CLASSIFY.read_targets(targets, torch.zeros(4, 1), "training")
    assert found.dtype == torch.int64
    assert found.tolist() == [0, 1, 1, 0]
    assert CLASSIFY.read_targets(targets[:0], torch.zeros(0, 1), "training").shape == (0,)


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (torch.zeros(3), "torch.float32; one class number per input"),
        (torch.zeros(3, 1, dtype=torch.int64), r"\[3, 1\]"),
        (torch.zeros(3, dtype=torch.complex64), "complex64"),
        (torch.tensor([0, -3, -1]), "validation part: label -3"),
    ],
)
def test_other_targets_are_refused(targets: Tensor, said: str) -> None:
    with pytest.raises(InputError, match=said):
        CLASSIFY.read_targets(targets, torch.zeros(3, 1), "validation")


def test_a_label_without_an_output_is_named() -> None:
    targets = torch.tensor([0, 4, 2])
    assert CLASSIFY.check_outputs((5,), targets, "training") == 5
    with pytest.raises(InputError, match="training part: label 4, but the network has 4 outputs; it needs 5"):
        CLASSIFY.check_outputs((4,), targets, "training")
    with pytest.raises(ShapeError, match="a classifier needs one row of class scores"):
        CLASSIFY.split(torch.zeros(2, 3, 4))


def test_loss_and_merit_are_what_loops_find_everywhere() -> None:
    loss, accuracy = find_figures()
    step, right = CLASSIFY.compute_loss(torch.from_numpy(SCORES), torch.from_numpy(LABELS), RECIPE)
    assert float(step) == pytest.approx(loss, rel=1e-5)
    assert int(right) == round(accuracy * len(LABELS))
    found = CLASSIFY.validate(torch.from_numpy(SCORES), torch.from_numpy(LABELS))
    assert found == pytest.approx((loss, accuracy), rel=1e-5)
    judged = CLASSIFY.judge(SCORES, LABELS, RECIPE)
    assert (judged.loss, judged.merit) == pytest.approx((loss, accuracy), rel=1e-5)
    assert judged.interval[0] < accuracy < judged.interval[1]


def test_answers_are_probabilities() -> None:
    assert np.allclose(CLASSIFY.answer(SCORES, RECIPE), find_probabilities(SCORES), atol=1e-6)


@pytest.mark.parametrize("outputs", [1, 2, 10, 1000])
def test_knowing_nothing_costs_what_equal_scores_do(outputs: int) -> None:
    equal, labels = torch.zeros(6, max(2, outputs)), torch.arange(6) % max(2, outputs)
    assert CLASSIFY.guess(outputs) == pytest.approx(float(CLASSIFY.compute_loss(equal, labels, RECIPE)[0]))
