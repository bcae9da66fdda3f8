from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from striate.engine import Engine
from striate.errors import InputError
from striate.train import Recipe, compute_logits, fit
from striate.train.tasks import Labels

RECIPE = Recipe(epochs=30, batch=16, mean=(0.5,), std=(0.25,), lr=0.2)


def test_the_loss_is_the_mean_of_yes_and_no() -> None:
    scores, truth = torch.tensor([[0.5, -1.0], [2.0, 0.1]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    loss, right = Labels().compute_loss(scores, truth, RECIPE)
    terms = []
    for score, wanted in zip(scores.flatten().tolist(), truth.flatten().tolist(), strict=True):
        sure = 1 / (1 + math.exp(-score))
        terms.append(-math.log(sure if wanted else 1 - sure))
    assert float(loss) == pytest.approx(sum(terms) / 4)
    assert float(right) == 1.5


def test_labels_are_learned_each_by_itself() -> None:
    inputs = np.random.default_rng(3).integers(0, 256, (128, 1, 3), dtype=np.uint8)
    truth = inputs[:, 0] > 128
    torch.manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Linear(3, 3))
    history = fit(module, inputs, truth, RECIPE, Engine(), validate=(inputs, truth), task=Labels())
    outputs = compute_logits(module, inputs, RECIPE, Engine(), task=Labels())
    judged = Labels().judge(outputs, truth, RECIPE)
    assert judged.merit == history[-1]["validation_merit"] > 0.98
    chances = Labels().answer(outputs, RECIPE)
    assert ((chances > 0.5) == truth).mean() > 0.95
    assert chances.sum(1).max() > 1.5


def test_other_values_than_yes_and_no_are_refused() -> None:
    with pytest.raises(InputError, match="other values than 0 and 1"):
        Labels().read_targets(torch.tensor([[0.0, 2.0]]), torch.zeros(1, 1, 1), "training")
