from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from tests.measure.advice.support import draw, find, find_in, make, read_numbers
from torch import nn


@pytest.mark.parametrize(
    "text",
    [
        "relu, relu",
        "sigmoid, relu",
        "relu6, relu",
        "relu6, relu6",
        "relu, maxpool2, relu",
        "relu6, maxpool2, relu6",
        "relu, avgpool2, dropout, relu",
        "relu, add[ | sigmoid], relu",
        "relu, cat[ | relu6], upsample2 mode=linear, relu",
        "relu, gap, flatten, relu",
        "conv3-8, relu, mul[ | gap, conv1-8, sigmoid], relu",
    ],
)
def test_without_it_all_values_stay(text: str) -> None:
    findings = find("idle-activation", text)
    layers = [finding.layer for finding in findings]
    module, image = make(text).double(), 3 * draw(2, 3, 16, 16)
    seen: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    for name, part in module.named_modules():
        part.register_forward_hook(lambda _, args, output, name=name: seen.update({name: (args[0], output)}))
    module(image)
    idle = [
        name
        for name, part in module.named_modules()
        if isinstance(part, nn.ReLU | nn.ReLU6) and torch.equal(seen[name][0], seen[name][1])
    ]
    assert layers
    assert layers == idle
    assert read_numbers(findings[0].figure)[0] == seen[layers[0]][1][0].numel()


@pytest.mark.parametrize(
    "text",
    [
        "conv3-8, relu",
        "relu, conv3-8, relu",
        "relu, bn, relu",
        "relu, relu6",
        "tanh, relu",
        "add[relu | conv3-3], relu",
        "relu, cat[ | conv3-3], relu",
        "relu, gelu",
        "silu, relu",
        "maxpool2, relu",
        "relu, tanh, relu6",
    ],
)
def test_an_activation_that_may_act_stays(text: str) -> None:
    assert not find("idle-activation", text)


def test_a_subtraction_may_turn_values_negative() -> None:
    class Minus(nn.Module):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            positive = input.relu()
            return torch.add(positive, positive.sigmoid(), alpha=-1).relu()

    class Shifted(nn.Module):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return (input.relu() + -1).relu() + (-2 * input.relu()).relu()

    assert not find_in("idle-activation", Minus())
    assert not find_in("idle-activation", Shifted())


@pytest.mark.parametrize("classes", [2, 10])
def test_the_least_loss_behind_a_softmax(classes: int) -> None:
    """Scores that are right beyond doubt become 1 and 0; that is the least that cross-entropy can reach."""
    (finding,) = find("softmax-before-loss", f"gap, flatten, fc-{classes}, softmax")
    right = torch.eye(classes)
    least = F.cross_entropy(F.softmax(1e4 * right, dim=1), torch.arange(classes))
    assert read_numbers(finding.figure) == [classes, pytest.approx(float(least), abs=5e-4)]


@pytest.mark.parametrize("text", ["gap, flatten, fc-10", "softmax, gap, flatten, fc-10", "fc-10"])
def test_scores_are_fine(text: str) -> None:
    assert not find("softmax-before-loss", text if text != "fc-10" else "flatten, fc-10")


def test_a_softmax_over_places_is_no_class_softmax() -> None:
    assert not find_in("softmax-before-loss", nn.Softmax(dim=-1))
    assert find_in("softmax-before-loss", nn.Softmax(dim=1))
    assert not find_in("softmax-before-loss", nn.LogSoftmax(dim=1))
