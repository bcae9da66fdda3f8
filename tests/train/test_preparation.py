from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from striate.engine import Engine
from striate.train import Recipe, RunFolder, Whiten, fit
from striate.train.batches import Samples, read_samples
from striate.train.preparation import begin_as_identity, prepared

Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]
MakeNet = Callable[[], nn.Sequential]
RECIPE = Recipe(epochs=1, batch=32, mean=(0.3,), std=(0.4,))


@pytest.fixture
def samples(digits: Arrays) -> Samples:
    return read_samples(*digits, RECIPE)


def test_a_plain_recipe_changes_nothing(make_net: MakeNet, samples: Samples) -> None:
    module, twin = make_net(), make_net()
    with prepared(module, samples, RECIPE):
        assert all(value.requires_grad for value in module.parameters())
    assert all(torch.equal(a, b) for a, b in zip(module.state_dict().values(), twin.state_dict().values(), strict=True))


def test_norms_take_the_recipes_numbers(make_net: MakeNet, samples: Samples) -> None:
    module = make_net()
    norm = module[1]
    assert isinstance(norm, nn.BatchNorm2d)
    with prepared(module, samples, replace(RECIPE, norm_momentum=0.4, norm_eps=1e-3)):
        pass
    assert (norm.momentum, norm.eps) == (0.4, 1e-3)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv1d(3, 5, 3, padding=1), (2, 3, 7)),
        (nn.Conv2d(4, 4, 3, padding=1), (2, 4, 5, 6)),
        (nn.Conv3d(2, 2, (1, 3, 5), padding=(0, 1, 2)), (1, 2, 3, 4, 5)),
        (nn.Conv2d(4, 4, 3, padding=1, groups=2), (2, 4, 5, 5)),
        (nn.Conv2d(4, 4, 5, padding=2, groups=4), (2, 4, 5, 5)),
        (nn.Conv2d(5, 3, 3, padding=1), (2, 5, 5, 5)),
    ],
)
def test_channels_are_handed_on(layer: nn.Module, shape: tuple[int, ...]) -> None:
    begin_as_identity(layer, seed=0)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    found = layer(x) - layer.get_parameter("bias").view(-1, *[1] * (len(shape) - 2))
    kept = min(x.shape[1], found.shape[1])
    assert torch.allclose(found[:, :kept], x[:, :kept], atol=1e-6)


def test_the_rest_is_drawn_small_and_by_the_seed() -> None:
    layers = [nn.Sequential(nn.Conv2d(2, 40, 3), nn.Linear(50, 30)) for _ in range(3)]
    for layer, seed in zip(layers, (1, 1, 2), strict=True):
        begin_as_identity(layer, seed)
    same = [
        torch.equal(layers[0].state_dict()[name], layers[1].state_dict()[name]) for name in ("0.weight", "1.weight")
    ]
    assert all(same)
    assert not torch.equal(layers[0].get_parameter("1.weight"), layers[2].get_parameter("1.weight"))
    rest, matrix = layers[0].get_parameter("0.weight")[2:], layers[0].get_parameter("1.weight")
    assert rest.abs().max() <= 18**-0.5
    assert matrix.abs().max() <= 50**-0.5
    assert float(matrix.detach().std()) == pytest.approx((3 * 50) ** -0.5, rel=0.1)


def test_what_lies_otherwise_stays() -> None:
    layer = nn.ConvTranspose2d(2, 3, 3)
    before = layer.weight.detach().clone()
    begin_as_identity(layer, seed=0)
    assert torch.equal(layer.weight, before)


@pytest.mark.parametrize("frozen", [True, False])
def test_what_is_frozen_stays_in_training_and_can_be_trained_afterwards(
    make_net: MakeNet, digits: Arrays, samples: Samples, frozen: bool
) -> None:
    recipe = replace(RECIPE, freeze_norms=True, init="dirac", whiten=Whiten(images=99, frozen=frozen))
    module, twin = make_net(), make_net()
    with prepared(twin, samples, recipe):
        assert twin.get_parameter("0.weight").requires_grad != frozen
        assert not twin.get_parameter("1.weight").requires_grad
    fit(module, *digits, recipe, Engine())
    assert torch.equal(module.get_parameter("1.weight"), torch.ones(8))
    assert torch.equal(module.get_parameter("0.weight"), twin.get_parameter("0.weight")) == frozen
    assert not torch.equal(module.get_parameter("1.bias"), twin.get_parameter("1.bias"))
    assert all(value.requires_grad for value in module.parameters())


def test_a_finished_run_is_loaded_as_it_ended(make_net: MakeNet, digits: Arrays, tmp_path: object) -> None:
    recipe = replace(RECIPE, init="dirac", whiten=Whiten(images=99))
    folder = RunFolder.create(f"{tmp_path}/run")
    first, second = make_net(), make_net()
    fit(first, *digits, recipe, Engine(), folder=folder)
    fit(second, *digits, recipe, Engine(), folder=folder, resume=True)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
