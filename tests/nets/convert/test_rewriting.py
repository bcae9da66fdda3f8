"""New modules stand where the old ones stood, and never in another's place."""

from __future__ import annotations

import torch
from tests.nets.convert.crops import check_sliding
from torch import Tensor, nn

from striate.nets.convert.rewriting import Rewriting, hand_over


def test_one_place_each() -> None:
    rewriting = Rewriting(nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())))
    assert rewriting.place("1.0", "a", nn.GELU) == "1.0"
    assert rewriting.place("1.0", "a", nn.SiLU) == "1.0"
    assert rewriting.place("1.0", "b", nn.SiLU) == "1.0_2"
    assert rewriting.place("new", None, nn.Sigmoid) == "new"
    assert rewriting.place("training", None, nn.Sigmoid) == "training_2"  # an attribute of every module
    kinds = {name: type(part).__name__ for name, part in rewriting.root.named_modules() if name}
    assert kinds == {"0": "ReLU", "1": "Sequential", "1.0": "GELU", "1.0_2": "SiLU", "new": "Sigmoid"} | {
        "training_2": "Sigmoid"
    }


def test_what_the_module_calls_its_own_is_not_overwritten() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mean = nn.Parameter(torch.rand(2, 1))
            self.relu_1 = nn.Linear(2, 3)

        def forward(self, x: Tensor) -> Tensor:
            scaled = x * self.mean
            return torch.softmax(torch.relu(self.relu_1(torch.relu(scaled).mean(2))), 1)

    sliding = check_sliding(Named(), (2, 4), (6,), 1)
    assert {name for name, _ in sliding.network.named_parameters()} == {"mean", "relu_1.weight", "relu_1.bias"}


def test_parameters_are_handed_over() -> None:
    source, target = nn.BatchNorm1d(3), nn.BatchNorm2d(3)
    assert hand_over(source, target) is target
    assert target.weight is source.weight
    assert target.running_mean is source.running_mean
