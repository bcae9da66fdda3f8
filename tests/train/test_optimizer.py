from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from striate.train.optimizer import SGD

MakeNet = Callable[[], nn.Sequential]


def compute_gradients(module: nn.Module, seed: int) -> None:
    batch = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    module.zero_grad()
    module.eval()(batch).square().sum().backward()


@pytest.mark.parametrize(("momentum", "weight_decay"), [(0.9, 5e-4), (0.5, 0.1), (0.9, 0.0)])
def test_the_same_bits_as_torchs_own(make_net: MakeNet, momentum: float, weight_decay: float) -> None:
    module, twin = make_net(), make_net()
    optimizer = SGD(module, momentum, weight_decay)
    matrices = [value for value in twin.parameters() if value.ndim > 1]
    vectors = [value for value in twin.parameters() if value.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    torchs = torch.optim.SGD(groups, lr=1.0, momentum=momentum, nesterov=True)
    for step, lr in enumerate((0.01, 0.02, 0.005)):
        compute_gradients(module, step)
        compute_gradients(twin, step)
        optimizer.step(lr)
        for group in torchs.param_groups:
            group["lr"] = lr
        torchs.step()
    for one, other in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one, other)


def test_its_state_can_be_taken_over(make_net: MakeNet) -> None:
    module = make_net()
    optimizer = SGD(module, 0.9, 1e-3)
    compute_gradients(module, 0)
    optimizer.step(0.01)
    other = make_net()
    other.load_state_dict(module.state_dict())
    successor = SGD(other, 0.9, 1e-3)
    successor.restore({name: value.clone() for name, value in optimizer.tensors().items()})
    for one, each in ((module, optimizer), (other, successor)):
        compute_gradients(one, 1)
        each.step(0.01)
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), other.parameters(), strict=True))


def test_frozen_and_unused_parameters_stay(make_net: MakeNet) -> None:
    module = make_net()
    weight = module[0].weight
    assert isinstance(weight, nn.Parameter)
    weight.requires_grad_(False)
    optimizer = SGD(module, 0.9, 0.1)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    optimizer.step(0.1)  # nothing has a gradient yet
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    compute_gradients(module, 0)
    optimizer.step(0.1)
    assert torch.equal(weight, before["0.weight"])
    assert not torch.equal(module.state_dict()["6.weight"], before["6.weight"])
    assert "0.weight" not in optimizer.tensors()
    optimizer.clear_gradients()
    assert all(value.grad is None for value in module.parameters() if value.requires_grad)
