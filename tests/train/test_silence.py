from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.engine import Engine
from striate.train import Recipe
from striate.train.silence import find_dead_units, watched

RECIPE = Recipe(epochs=1, batch=4, mean=(0.5,), std=(0.5,))
INPUTS = np.random.default_rng(0).integers(0, 256, (90, 1, 6, 6), np.uint8)


def make_net(act: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 5, 3), act(), nn.Flatten(), nn.Linear(80, 7), act(), nn.Linear(7, 2))
    with torch.no_grad():
        net.get_parameter("0.bias")[2] = -50
        net.get_parameter("3.bias")[torch.tensor([0, 6])] = -50
    return net


def find_slowly(net: nn.Sequential, count: int) -> dict[str, list[int]]:
    """Run sample by sample, and look at every cell of every activation's output."""
    fired: dict[str, set[int]] = {"1": set(), "4": set()}
    channels = {"1": 5, "4": 7}
    with torch.no_grad():
        for sample in INPUTS[:count]:
            value = (torch.from_numpy(sample)[None].float() / 255 - 0.5) / 0.5
            for name, layer in net.named_children():
                value = layer(value)
                if name in fired:
                    fired[name] |= {int(place) for place in (value > 0).nonzero()[:, 1]}
    return {name: sorted(set(range(channels[name])) - seen) for name, seen in fired.items()}


@pytest.mark.parametrize("act", [nn.ReLU, nn.ReLU6, lambda: nn.ReLU(inplace=True), lambda: nn.Threshold(0.0, 0.0)])
def test_against_looking_at_every_cell(act: Callable[[], nn.Module]) -> None:
    net = make_net(act)
    found = find_dead_units(net, INPUTS, RECIPE, Engine(threads=1))
    assert found.looked == 90
    assert {layer.name: list(layer.dead) for layer in found.layers} == find_slowly(net, 90)
    assert (found.dead, found.channels) == (3, 12)


class Functional(nn.Module):
    """Uses functions instead of layers, one of them twice, and floors by clamping."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(36, 4), nn.Linear(4, 2)

    def forward(self, batch: Tensor) -> Tensor:
        hidden = F.relu(self.first(batch.flatten(1)))
        scores: Tensor = self.last(
            F.relu(hidden - 1e9) + hidden.clamp(min=0) + F.leaky_relu(hidden) + hidden.clamp(-1, 1)
        )
        return scores


def test_functions_are_seen_and_named_by_the_module_that_calls_them() -> None:
    found = find_dead_units(Functional(), INPUTS, RECIPE, Engine(threads=1))
    assert [layer.name for layer in found.layers] == ["", " (2)", " (3)"]
    assert found.layers[1].dead == (0, 1, 2, 3)


def test_it_ends_early_where_all_are_active_and_looks_at_no_more_than_asked() -> None:
    torch.manual_seed(0)
    alive = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2))
    assert find_dead_units(alive, INPUTS, RECIPE, Engine(threads=1)).looked == 64
    assert find_dead_units(make_net(), INPUTS, RECIPE, Engine(threads=1), most=20).looked == 20
    nothing = find_dead_units(nn.Sequential(nn.Flatten(), nn.Linear(36, 2)), INPUTS, RECIPE, Engine(threads=1))
    assert (nothing.layers, nothing.dead) == ((), 0)


def test_hooks_and_modes_are_as_before_also_after_an_error() -> None:
    class Fails(nn.Module):
        def forward(self, batch: Tensor) -> Tensor:
            raise RuntimeError("no")

    net = nn.Sequential(nn.ReLU(), Fails()).train()
    with pytest.raises(RuntimeError, match="no"):
        find_dead_units(net, INPUTS, RECIPE, Engine(threads=1))
    for part in net.modules():
        assert part.training
        assert not part._forward_hooks
        assert not part._forward_pre_hooks
    with watched(net) as watch:
        assert watch.running == []
    assert not net._forward_hooks
