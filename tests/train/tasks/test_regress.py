from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from striate.engine import Engine
from striate.errors import InputError, ShapeError
from striate.train import Recipe, compute_logits, fit
from striate.train.tasks import Regress, restore_task

RECIPE = Recipe(epochs=12, batch=16, mean=(0.5,), std=(0.25,), lr=0.05)


def make_data(count: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """Bytes, and two numbers of quite different sizes that follow from them."""
    inputs = np.random.default_rng(1).integers(0, 256, (count, 1, 4), dtype=np.uint8)
    means = inputs.mean((1, 2)) / 255
    return inputs, np.stack([1000 * means + 5, means - inputs[:, 0, 0] / 255], 1).astype(np.float32)


def make_net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 2))


def test_the_loss_is_hubers_of_standardised_numbers() -> None:
    task = Regress.begin(np.array([[10.0], [14.0]]))
    assert (task.mean, task.std) == ((12.0,), (2.0,))
    targets = task.read_targets(torch.tensor([14.0, 6.0]), torch.zeros(2, 1, 1), "training")
    loss, explained = task.compute_loss(torch.tensor([[0.5], [0.0]]), targets, RECIPE)
    assert targets.tolist() == [[1.0], [-3.0]]
    assert float(loss) == pytest.approx((0.5 * 0.5**2 + (3 - 0.5)) / 2)
    assert float(explained) == pytest.approx((1 - 0.5**2) + (1 - 3.0**2))


def test_the_merits_of_an_epochs_steps_add_up_to_r2() -> None:
    inputs, numbers = make_data()
    task = Regress.begin(numbers)
    targets = task.read_targets(torch.from_numpy(numbers), torch.from_numpy(inputs), "training")
    outputs = targets + torch.linspace(-1, 1, targets.numel()).view_as(targets)
    parts = [
        task.compute_loss(a, b, RECIPE)[1] for a, b in zip(outputs.view(3, 32, 2), targets.view(3, 32, 2), strict=True)
    ]
    assert float(sum(parts)) / len(targets) == pytest.approx(task.validate(outputs, targets)[1], abs=1e-6)


def test_a_side_head_counts_by_its_weight() -> None:
    task, targets = Regress((0.0,), (1.0,)), torch.tensor([[0.5], [0.25]])
    main, side = torch.tensor([[0.0], [0.0]]), torch.tensor([[1.0], [1.0]])
    alone, other = (float(task.compute_loss(each, targets, RECIPE)[0]) for each in (main, side))
    assert float(task.compute_loss((main, side), targets, RECIPE, [0.2])[0]) == pytest.approx(alone + 0.2 * other)
    assert float(task.compute_loss((main, side), targets, RECIPE)[0]) == pytest.approx(alone + 0.3 * other)


def test_a_linear_law_is_learned_and_told_in_its_own_units() -> None:
    inputs, numbers = make_data()
    task, module = Regress.begin(numbers), make_net()
    history = fit(module, inputs, numbers, RECIPE, Engine(), validate=(inputs, numbers), task=task)
    outputs = compute_logits(module, inputs, RECIPE, Engine(), task=task)
    answers = task.answer(outputs, RECIPE)
    assert np.abs(answers - numbers).max(0) / numbers.std(0) == pytest.approx([0, 0], abs=0.1)
    assert history[-1]["validation_merit"] == pytest.approx(task.judge(outputs, numbers, RECIPE).merit, abs=1e-5)
    assert "validation_accuracy" not in history[-1]


def test_until_is_r2() -> None:
    inputs, numbers = make_data()
    task = Regress.begin(numbers)
    done = fit(make_net(), inputs, numbers, RECIPE, Engine(), validate=(inputs, numbers), task=task, until=0.5)
    assert done[-1]["validation_merit"] >= 0.5
    assert len(done) < RECIPE.epochs
    with pytest.raises(InputError, match="a R2 above 0 and at most 1 is needed"):
        fit(make_net(), inputs, numbers, RECIPE, Engine(), validate=(inputs, numbers), task=task, until=2.0)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (np.zeros((96, 3), np.float32), "3 numbers an input, but the task knows 2"),
        (np.full((96, 2), np.nan, np.float32), "those of sample 0 are not finite"),
        (np.zeros((96, 2, 2), np.float32), "one or more finite numbers per input"),
        (np.zeros((95, 2), np.float32), "96 inputs, but 95 labels"),
    ],
)
def test_targets_of_another_form_are_refused(numbers: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit(make_net(), make_data()[0], numbers, RECIPE, Engine(), task=Regress((0.0, 0.0), (1.0, 1.0)))


def test_networks_of_another_form_are_refused() -> None:
    inputs, numbers = make_data()
    task = Regress.begin(numbers)
    with pytest.raises(InputError, match="2 labels a sample, but the network has 3 outputs"):
        fit(nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), inputs, numbers, RECIPE, Engine(), task=task)
    with pytest.raises(ShapeError, match="one row of numbers"):
        fit(nn.Conv1d(1, 2, 1), inputs, numbers, RECIPE, Engine(), task=task)


def test_it_goes_through_json_and_back() -> None:
    task = Regress.begin(make_data()[1])
    import json

    assert restore_task(json.loads(json.dumps(task.to_dict()))) == task
    with pytest.raises(InputError, match="unknown setting 'power'"):
        restore_task({"name": "regress", "mean": [0], "std": [1], "power": 2})
    with pytest.raises(InputError, match="unknown name 'guess'"):
        restore_task({"name": "guess"})
