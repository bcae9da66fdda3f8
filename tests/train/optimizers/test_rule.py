from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from striate.train.optimizers import SGD, AdamW, Muon, Rule

MakeNet = Callable[[], nn.Sequential]
Make = Callable[[dict[str, Tensor]], Rule]
RULES: dict[str, Make] = {"sgd": SGD, "adamw": AdamW, "muon": Muon}


def pick(module: nn.Module) -> dict[str, Tensor]:
    return {name: value for name, value in module.named_parameters() if value.ndim > 1}


@pytest.mark.parametrize("make", RULES.values(), ids=RULES)
def test_a_successor_goes_on_with_the_same_bits(
    make_net: MakeNet, pull: Callable[[nn.Module, int], None], make: Make
) -> None:
    module, other = make_net(), make_net()
    first = make(pick(module))
    for step in range(2):
        pull(module, step)
        first.step(0.01)
    other.load_state_dict(module.state_dict())
    second = make(pick(other))
    second.restore({name: value.clone() for name, value in first.tensors().items()})
    for step in range(2, 4):
        for one, optimizer in ((module, first), (other, second)):
            pull(one, step)
            optimizer.step(0.01)
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), other.parameters(), strict=True))
    assert all(torch.equal(value, second.tensors()[name]) for name, value in first.tensors().items())


@pytest.mark.parametrize("make", RULES.values(), ids=RULES)
def test_nothing_moves_without_gradients_and_gradients_stay(
    make_net: MakeNet, pull: Callable[[nn.Module, int], None], make: Make
) -> None:
    module = make_net()
    optimizer = make(pick(module))
    before = {name: value.detach().clone() for name, value in pick(module).items()}
    optimizer.step(0.1)
    assert all(torch.equal(before[name], value) for name, value in pick(module).items())
    pull(module, 0)
    gradients = {name: value.grad.clone() for name, value in pick(module).items() if value.grad is not None}
    optimizer.step(0.1)
    for name, value in pick(module).items():
        assert not torch.equal(before[name], value)
        assert value.grad is not None
        assert torch.equal(gradients[name], value.grad)
