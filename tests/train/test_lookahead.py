from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

from striate.engine import Engine
from striate.train import Lookahead, Recipe
from striate.train.learner import Learner
from striate.train.lookahead import Slow, find_pull

MakeNet = Callable[[], nn.Sequential]


def disturb(module: nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in module.state_dict().values():
            if value.is_floating_point():
                value.add_(torch.randn(value.shape, generator=generator))


@pytest.mark.parametrize("settings", [Lookahead(every=3, share=0.5), Lookahead(every=2, share=0.2, power=3)])
def test_against_the_papers_two_sets_of_weights(make_net: MakeNet, settings: Lookahead) -> None:
    module = make_net()
    slow = Slow(module, settings)
    fast_twin = {name: value.double().clone() for name, value in module.state_dict().items() if value.ndim}
    slow_twin = dict(fast_twin)
    for step in range(7):
        before = {name: value.double().clone() for name, value in module.state_dict().items() if value.ndim}
        disturb(module, step)
        for name, value in module.state_dict().items():
            if value.ndim:
                fast_twin[name] = fast_twin[name] + (value.double() - before[name])
        share = step / 7
        slow.update(step, share)
        if (step + 1) % settings.every == 0:
            pull = 1 - (1 - settings.share) * share**settings.power
            slow_twin = {name: value + pull * (fast_twin[name] - value) for name, value in slow_twin.items()}
            fast_twin = dict(slow_twin)
    for name, value in slow_twin.items():
        assert torch.allclose(slow.tensors()[name].double(), value, rtol=1e-4, atol=1e-4)
        assert torch.allclose(module.state_dict()[name].double(), fast_twin[name], rtol=1e-4, atol=1e-4)


def test_the_modules_own_state_comes_back_bit_for_bit(make_net: MakeNet) -> None:
    module = make_net()
    slow = Slow(module, Lookahead(every=5))
    disturb(module, 1)
    own = {name: value.clone() for name, value in module.state_dict().items()}
    with slow.in_module():
        assert not torch.equal(module.state_dict()["0.weight"], own["0.weight"])
    assert all(torch.equal(own[name], value) for name, value in module.state_dict().items())


def test_the_pull_falls_to_its_share() -> None:
    assert find_pull(Lookahead(every=5, share=0.3), 0.1) == pytest.approx(0.3)
    assert find_pull(Lookahead(every=5, share=0.3, power=3), 0.0) == 1.0
    assert find_pull(Lookahead(every=5, share=0.3, power=3), 2.0) == pytest.approx(0.3)


def test_a_learner_is_judged_and_ends_with_the_slow_weights(make_net: MakeNet) -> None:
    recipe = Recipe(epochs=1, mean=(0.5,), std=(0.5,), lookahead=Lookahead(every=2))
    learner, plain = (
        Learner(make_net(), recipe, Engine()),
        Learner(make_net(), replace(recipe, lookahead=Lookahead()), Engine()),
    )
    assert any(name.startswith("slow.") for name in learner.tensors())
    assert not any(name.startswith("slow.") for name in plain.tensors())
    with torch.random.fork_rng(devices=[]):
        for step in range(3):
            learner.learn(torch.randn(4, 1, 8, 8), torch.arange(4), step, 0.1, step / 3)
    slow = learner.tensors()["slow.0.weight"].clone()
    assert not torch.equal(learner.module.get_parameter("0.weight"), slow)
    with learner.averaged():
        assert torch.equal(learner.module.get_parameter("0.weight"), slow)
    learner.finish()
    assert torch.equal(learner.module.get_parameter("0.weight"), slow)
