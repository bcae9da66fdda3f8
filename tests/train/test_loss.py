from __future__ import annotations

import math
from typing import Any, NamedTuple

import pytest
import torch

from striate.errors import ShapeError
from striate.train.loss import compute_loss

SCORES = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
SIDE = torch.tensor([[0.0, 0.0, 1.0], [2.0, 0.0, 0.0]])
LABELS = torch.tensor([0, 2])


def compute_slowly(scores: torch.Tensor, labels: torch.Tensor, smoothing: float) -> float:
    total = 0.0
    for row, label in zip(scores.tolist(), labels.tolist(), strict=True):
        normaliser = math.log(sum(math.exp(score) for score in row))
        for index, score in enumerate(row):
            wanted = (1 - smoothing) * (index == label) + smoothing / len(row)
            total += wanted * (normaliser - score) / len(labels)
    return total


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_against_a_loop_over_scores(smoothing: float) -> None:
    loss, correct = compute_loss(SCORES, LABELS, smoothing)
    assert float(loss) == pytest.approx(compute_slowly(SCORES, LABELS, smoothing), rel=1e-5)
    assert int(correct) == 1


class Heads(NamedTuple):
    main: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor


@pytest.mark.parametrize(("weights", "used"), [((), (0.3, 0.3)), ((0.5,), (0.5, 0.3)), ((0.5, 0.0), (0.5, 0.0))])
def test_side_heads_count_by_their_weights(weights: tuple[float, ...], used: tuple[float, float]) -> None:
    loss, correct = compute_loss(Heads(SCORES, SIDE, 2 * SIDE), LABELS, 0.1, weights)
    main, first, second = (compute_slowly(scores, LABELS, 0.1) for scores in (SCORES, SIDE, 2 * SIDE))
    assert float(loss) == pytest.approx(main + used[0] * first + used[1] * second, rel=1e-5)
    assert int(correct) == 1


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (torch.zeros(3, 2, 64, 64), "yields 2x64x64 for each input"),
        (torch.zeros(3), "a single number"),
        ([1], "a list"),
    ],
)
def test_other_outputs_are_named(outputs: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        compute_loss(outputs, LABELS)


def test_shares_of_classes_weigh_the_losses_of_each() -> None:
    scores = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    first, second = torch.tensor([0, 1, 2, 0, 1, 2]), torch.tensor([2, 1, 0, 1, 0, 2])
    rows = torch.zeros(6, 3)  # the data's last class isn't there
    for row in range(6):
        rows[row, first[row]] += 0.7
        rows[row, second[row]] += 0.3
    found, correct = compute_loss((scores, scores), rows, smoothing=0.1)
    one, right = compute_loss((scores, scores), first, smoothing=0.1)
    other, _ = compute_loss((scores, scores), second, smoothing=0.1)
    assert float(found) == pytest.approx(float(0.7 * one + 0.3 * other), rel=1e-5)
    assert int(correct) == int(right)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_class_weights_count_each_sample_by_its_class(smoothing: float) -> None:
    weights = torch.tensor([0.5, 2.0, 3.0])
    loss, _ = compute_loss(Heads(SCORES, SIDE, SIDE), LABELS, smoothing, (0.4, 0.1), weights)
    slow = 0.0
    for scores, share in ((SCORES, 1.0), (SIDE, 0.5)):
        for row, label in zip(scores, LABELS, strict=True):
            slow += share * float(weights[label]) * compute_slowly(row[None], label[None], smoothing) / len(LABELS)
    assert float(loss) == pytest.approx(slow, rel=1e-5)
    rows = torch.nn.functional.one_hot(LABELS, 3).float()
    mixed, _ = compute_loss(Heads(SCORES, SIDE, SIDE), rows, smoothing, (0.4, 0.1), weights)
    assert float(mixed) == pytest.approx(float(loss), rel=1e-5)
