from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from striate.train.average import Average

MakeNet = Callable[[], nn.Sequential]


def disturb(module: nn.Module, seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in module.state_dict().values():
            value.copy_(torch.randint(0, 100, value.shape, generator=generator))
    return {name: value.double() for name, value in module.state_dict().items()}


@pytest.mark.parametrize("decay", [0.5, 0.999])
def test_against_the_sum_of_all_states_by_their_weights(make_net: MakeNet, decay: float) -> None:
    module = make_net()
    states = [disturb(module, 0)]
    average = Average(module, decay)
    for step in range(12):
        states.append(disturb(module, step + 1))
        average.update(step)
    # The state of step k counts (1 - decay of k) times the decays of all later steps.
    decays = [1.0, *(min(decay, (1 + step) / (10 + step)) for step in range(12))]
    for name, value in average.tensors().items():
        expected = torch.zeros_like(states[0][name])
        for k, state in enumerate(states):
            share = (1 - decays[k]) if k else 1.0
            for later in decays[k + 1 :]:
                share *= later
            expected += share * state[name]
        if value.is_floating_point():
            assert torch.allclose(value.double(), expected, rtol=1e-5)
        else:
            assert torch.equal(value.double(), states[-1][name])


def test_the_modules_own_state_comes_back_bit_for_bit(make_net: MakeNet) -> None:
    module = make_net()
    average = Average(module, 0.9)
    disturb(module, 1)
    average.update(0)
    own = {name: value.clone() for name, value in module.state_dict().items()}
    with average.in_module():
        inside = {name: value.clone() for name, value in module.state_dict().items()}
    assert all(torch.equal(inside[name], value) for name, value in average.tensors().items())
    assert not torch.equal(inside["0.weight"], own["0.weight"])
    assert all(torch.equal(own[name], value) for name, value in module.state_dict().items())


def test_a_frozen_state_can_be_taken_over(make_net: MakeNet) -> None:
    module = make_net()
    one, other = Average(module, 0.9), Average(module, 0.9)
    disturb(module, 1)
    one.update(0)
    other.restore(one.tensors())
    other.put_into_module()
    assert all(torch.equal(value, module.state_dict()[name]) for name, value in one.tensors().items())
