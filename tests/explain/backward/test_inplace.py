from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import Node

from striate.explain.backward.inplace import in_sight
from striate.explain.backward.rectifiers import walk_graph

CALLS: dict[str, Callable[[Tensor], object]] = {
    "ReluBackward0": lambda z: z.relu_(),
    "HardtanhBackward0": nn.ReLU6(inplace=True),
    "ClampBackward1": lambda z: z.clip_(0, 6),
    "ClampMinBackward0": lambda z: torch.clamp_min_(z, 0),
    "ThresholdBackward0": lambda z: F.threshold(z, 0, 0, inplace=True),
    "LeakyReluBackward0": lambda z: F.leaky_relu_(z, 0.2),
}


def _names(root: Node | None) -> list[str]:
    assert root is not None
    return [node.name() for node in walk_graph([root])]


@pytest.mark.parametrize("name", CALLS)
def test_in_place_on_a_part_comes_into_the_graph_with_the_same_numbers(name: str) -> None:
    x = torch.randn(6, 4, requires_grad=True)
    plain, seen = x * 1, x * 1
    CALLS[name](plain[1:4])
    with in_sight(nn.ReLU()):
        CALLS[name](seen[1:4])
    assert torch.equal(plain, seen)
    assert name not in _names(plain.grad_fn)
    assert name in _names(seen.grad_fn)
    weight = torch.randn(6, 4)
    (one,) = torch.autograd.grad((plain * weight).sum(), x)
    (other,) = torch.autograd.grad((seen * weight).sum(), x)
    assert torch.equal(one, other)


def test_whole_tensors_and_other_calls_are_left_alone() -> None:
    x = torch.randn(4, requires_grad=True)
    with in_sight(nn.ReLU()):
        whole = (x * 1).relu_()
        scaled = x * 1
        scaled[:2].mul_(3)
        with torch.no_grad():
            free = torch.tensor([-1.0, 1.0])
            free[:1].relu_()
    assert _names(whole.grad_fn)[0] == "ReluBackward0"
    assert torch.equal(scaled[:2], 3 * x[:2])
    assert free.tolist() == [0.0, 1.0]
