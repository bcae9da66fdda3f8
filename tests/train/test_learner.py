from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from striate.engine import Engine
from striate.errors import RunError
from striate.train import Recipe
from striate.train.learner import Learner
from striate.train.randomness import random_state_kept

RECIPE = Recipe(epochs=1, batch=8, lr=0.05, mean=(0.5,), std=(0.5,), average=0.9, smoothing=0.1)
MakeNet = Callable[[], nn.Sequential]


def learn(learner: Learner, steps: range) -> None:
    with random_state_kept(Engine()):
        for step in steps:
            generator = torch.Generator().manual_seed(step)
            batch = torch.randn(8, 1, 8, 8, generator=generator)
            labels = torch.randint(0, 10, (8,), generator=generator)
            learner.learn(batch, labels, step, 0.05)


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("memory_format", ["contiguous", "channels_last"])
def test_a_successor_goes_on_with_the_same_bits(make_net: MakeNet, average: float, memory_format: str) -> None:
    engine = Engine.from_dict({"memory_format": memory_format})
    recipe = replace(RECIPE, average=average)
    whole, first, second = (Learner(make_net(), recipe, engine) for _ in range(3))
    learn(whole, range(7))
    learn(first, range(4))
    second.restore({name: value.clone() for name, value in first.tensors().items()})
    learn(second, range(4, 7))
    assert whole.tensors().keys() == second.tensors().keys()
    assert all(torch.equal(second.tensors()[name], value) for name, value in whole.tensors().items())


def test_the_average_follows_each_step(make_net: MakeNet) -> None:
    learner = Learner(make_net(), RECIPE, Engine())
    shadow = {name: value.double() for name, value in learner.module.state_dict().items()}
    for step in range(5):
        learn(learner, range(step, step + 1))
        decay = min(0.9, (1 + step) / (10 + step))
        for name, value in learner.module.state_dict().items():
            shadow[name] = decay * shadow[name] + (1 - decay) * value.double()
    learner.finish()
    assert not learner.module.training
    for name, value in learner.module.state_dict().items():
        if value.is_floating_point():
            assert torch.allclose(value.double(), shadow[name], rtol=1e-4, atol=1e-6)
    assert all(value.grad is None for value in learner.module.parameters())


def test_an_overflow_is_seen(make_net: MakeNet) -> None:
    learner = Learner(make_net(), RECIPE, Engine())
    assert learner.is_finite()
    with torch.no_grad():
        learner.module.get_parameter("6.weight")[2, 3] = float("inf")
    assert not learner.is_finite()


def test_a_checkpoint_of_another_network_is_refused(make_net: MakeNet) -> None:
    learner = Learner(make_net(), RECIPE, Engine())
    tensors = learner.tensors()
    with pytest.raises(RunError, match=r"weights.6.bias is only in the network; .* another network"):
        learner.restore({name: value for name, value in tensors.items() if name != "weights.6.bias"})
    with pytest.raises(RunError, match=r"weights.6.bias is \[3\] there, but \[10\] in the network"):
        learner.restore({**tensors, "weights.6.bias": torch.zeros(3)})


def test_bf16_keeps_the_weights_in_fp32(make_net: MakeNet) -> None:
    learner = Learner(make_net(), RECIPE, Engine(precision="bf16", memory_format="channels_last"))
    learn(learner, range(2))
    assert {value.dtype for value in learner.module.parameters()} == {torch.float32}
    assert learner.is_finite()
