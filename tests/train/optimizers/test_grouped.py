from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from striate.errors import InputError
from striate.train.optimizers import make_optimizer
from striate.train.optimizers.grouped import OPTIMIZERS, name_kinds
from striate.train.recipe import Group, Recipe

MakeNet = Callable[[], nn.Sequential]
Pull = Callable[[nn.Module, int], None]
RECIPE = Recipe(epochs=1, mean=(0.5,), std=(0.5,), lr=0.01, momentum=0.8, weight_decay=0.02)
GROUPS = (
    Group(of="norm bias", lr=64, weight_decay=0.001),
    Group(of="head bias", lr=2.0, until=0.5),
    Group(of="head", lr=0.5, momentum=0.3),
)


def test_groups_against_torchs_own(make_net: MakeNet, pull: Pull) -> None:
    module, twin = make_net(), make_net()
    optimizer = make_optimizer(module, replace(RECIPE, groups=GROUPS))
    conv, norm, head = twin[0], twin[1], twin[6]
    assert isinstance(norm, nn.BatchNorm2d)
    assert isinstance(head, nn.Linear)
    # parameters, multiple of the rate, weight decay, momentum
    rows = [
        ([conv.weight], 1, 0.02, 0.8),
        ([norm.weight], 1, 0.0, 0.8),
        ([norm.bias], 64, 0.001, 0.8),
        ([head.weight], 0.5, 0.02, 0.3),
        ([head.bias], 2, 0.0, 0.8),
    ]
    factors = [row[1] for row in rows]
    torchs = torch.optim.SGD(
        [{"params": p, "weight_decay": d, "momentum": m, "lr": 1.0} for p, _, d, m in rows],
        lr=1.0,
        nesterov=True,
        momentum=0.5,
    )
    for step, (lr, share) in enumerate(((0.01, 0.0), (0.002, 0.4), (0.01, 0.6))):
        pull(module, step)
        pull(twin, step)
        if share > 0.5:
            head.bias.grad = None
        optimizer.step(lr, share)
        for group, factor in zip(torchs.param_groups, factors, strict=True):
            group["lr"] = lr * factor
        torchs.step()
    for one, other in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(one, other, rtol=1e-6, atol=1e-8)


def test_without_groups_weight_decay_spares_tensors_of_one_axis(make_net: MakeNet, pull: Pull) -> None:
    module = make_net()
    optimizer = make_optimizer(module, RECIPE)
    for value in module.parameters():
        value.grad = torch.zeros_like(value)
    before = {name: value.detach().clone() for name, value in module.named_parameters()}
    optimizer.step(1.0)
    for name, value in module.named_parameters():
        shrunk = 1 - 0.02 * 1.8 if value.ndim > 1 else 1.0
        assert torch.allclose(value, before[name] * shrunk)


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_optimizer_can_be_asked_for(make_net: MakeNet, pull: Pull, kind: str) -> None:
    module = make_net()
    optimizer = make_optimizer(module, replace(RECIPE, optimizer=kind))
    kinds = {type(rule).__name__.lower() for rule, _ in optimizer.rules}
    assert kinds == ({"muon", "sgd"} if kind == "muon" else {kind})
    assert len(optimizer.tensors()) >= len(dict(module.named_parameters()))
    before = [value.detach().clone() for value in module.parameters()]
    pull(module, 0)
    optimizer.step(0.01)
    assert not any(torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True))


def test_frozen_parameters_stay_and_gradients_are_forgotten(make_net: MakeNet, pull: Pull) -> None:
    module = make_net()
    module[0].requires_grad_(False)
    optimizer = make_optimizer(module, RECIPE)
    before = module.get_parameter("0.weight").clone()
    pull(module, 0)
    optimizer.step(0.1)
    assert torch.equal(module.get_parameter("0.weight"), before)
    assert "0.weight" not in optimizer.tensors()
    optimizer.clear_gradients()
    assert all(value.grad is None for value in module.parameters())


def test_a_group_of_nothing_is_refused() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    with pytest.raises(InputError, match="'norm bias' has no parameter"):
        make_optimizer(module, replace(RECIPE, groups=(Group(of="norm bias"),)))


def test_the_kinds_of_a_nested_network() -> None:
    inner = nn.Sequential(nn.Conv2d(4, 4, 3, bias=False), nn.GroupNorm(2, 4))
    kinds = name_kinds(nn.Sequential(nn.Conv2d(1, 4, 3), inner, nn.Flatten(), nn.Linear(4, 2)))
    assert kinds["1.0.weight"] == ("filters",)
    assert kinds["1.1.bias"] == ("norm bias", "bias")
    assert kinds["0.bias"] == ("first bias", "bias")
    assert kinds["3.weight"] == ("head", "matrices")
