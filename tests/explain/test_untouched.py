"""Nothing is left of an explanation, whatever a module does meanwhile."""

from __future__ import annotations

import random
from contextlib import suppress

import numpy as np
import pytest
import torch
from tests.explain.tiny import draw_inputs, make_tiny, take_state
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.untouched import untouched


class Mischief(nn.Module):
    """Does to itself whatever a module can, each time it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("counted", torch.tensor([0.0, float("nan")]))
        self.register_buffer("replaced", torch.zeros(2))
        self.register_buffer("dropped", torch.ones(3))
        self.weight = nn.Parameter(torch.ones(2))
        self.calls, self.cache = 0, {"first": 1}

    def forward(self, inputs: Tensor) -> Tensor:
        self.get_buffer("counted").data.numpy()[0] = -0.0  # which no version counter sees
        self.replaced = torch.ones(2)
        if "dropped" in self._buffers:
            del self.dropped
            self.register_buffer("added", torch.ones(1), persistent=False)
            self.part = nn.Linear(1, 1)
        self.calls += 1
        self.cache["second"] = 2
        self.left = inputs
        self.weight.requires_grad_(False)
        self.weight.grad = torch.ones(2)
        self.train()
        torch.rand(3)
        np.random.rand(3)
        random.random()
        return inputs


def make_mischief() -> nn.Sequential:
    net = make_tiny(2)
    net.insert(3, Mischief())
    return net


@pytest.mark.parametrize("fails", [False, True])
def test_a_module_comes_back_as_it_was(fails: bool) -> None:
    net = make_mischief()
    net.train()
    net[1].eval()
    net[0].weight.requires_grad_(False)
    weight = net.get_parameter("8.weight")
    weight.grad = torch.full_like(weight, 2)
    weight.grad[0, 0] = -0.0
    net.register_forward_hook(lambda *_: None)
    before = take_state(net)
    with suppress(KeyError), untouched(net):
        assert not any(part.training for part in net.modules())
        net(draw_inputs(2))
        weight.grad.add_(1)
        net.register_forward_pre_hook(lambda *_: None)
        if fails:
            raise KeyError
    assert take_state(net) == before


def test_without_it_much_would_be_left() -> None:
    net = make_mischief()
    before = take_state(net)
    net(draw_inputs(2))
    changed = [place for place, (one, other) in enumerate(zip(take_state(net), before, strict=True)) if one != other]
    assert {0, 2, 3, 4, 5, 6, 7, 8, 9} <= set(changed)


def test_a_graph_that_keeps_a_buffer_is_not_spoilt() -> None:
    net = make_tiny(1).eval()
    loss = net(draw_inputs(1)).sum()
    with untouched(net):
        net(draw_inputs(1))
    loss.backward()
    assert net[0].weight.grad is not None


def test_a_class_that_does_more_when_it_is_switched_is_not_switched_by_its_own_method() -> None:
    class Merging(nn.Linear):
        def train(self, mode: bool = True) -> Merging:
            self.weight.data += 1
            return self

    net = Merging(2, 2)
    before = take_state(net)
    with untouched(net):
        assert not net.training
    assert take_state(net) == before


def test_a_shared_part_and_a_shared_weight_come_back() -> None:
    part = nn.Linear(3, 3)
    net = nn.Sequential(part, part, nn.Linear(3, 3))
    net[2].weight = part.weight
    before = take_state(net)
    with untouched(net):
        part.weight.grad = torch.ones(3, 3)
    assert take_state(net) == before


def test_what_it_cannot_bring_back_is_refused() -> None:
    class Writing(nn.Linear):
        def forward(self, inputs: Tensor) -> Tensor:
            with torch.no_grad():
                self.weight.mul_(2)
            return super().forward(inputs)

    net = Writing(2, 2)
    with pytest.raises(InputError, match="writes its own parameters"), untouched(net):
        net(torch.ones(1, 2))
    with pytest.raises(InputError, match="Run it once"), untouched(nn.LazyLinear(2)):
        pass
