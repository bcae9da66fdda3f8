from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from striate.train import Augment, Recipe
from striate.train.jitter import draw_jitter, jitter

SHAPES = [(7, 1, 40), (7, 3, 5, 6), (7, 2, 3, 4, 5)]


def make_recipe(channels: int, **changes: Any) -> Recipe:
    mean, std = (0.2, 0.4, 0.6)[:channels], (0.1, 0.2, 0.3)[:channels]
    return Recipe(epochs=1, mean=mean, std=std, augment=Augment(**changes))


def change_slowly(x: NDArray[np.float64], row: NDArray[np.float64], recipe: Recipe) -> NDArray[np.float64]:
    """One sample on the scale from 0 to 1, cell by cell; without noise."""
    augment, signs = recipe.augment, 2 * row - 1
    if augment.saturation and len(x) > 1:
        for cell in np.ndindex(x.shape[1:]):
            colours = x[(slice(None), *cell)]
            grey = colours.sum() / len(colours)
            x[(slice(None), *cell)] = grey + (1 + signs[2] * augment.saturation) * (colours - grey)
    x = x.mean() + (1 + signs[1] * augment.contrast) * (x - x.mean()) + signs[0] * augment.brightness
    means = np.array(recipe.mean).reshape(-1, *[1] * (x.ndim - 1))
    loud: NDArray[np.float64] = means + 10 ** (signs[3] * augment.gain / 20) * (x - means)
    return loud


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "changes",
    [
        {"brightness": 0.2},
        {"contrast": 0.5},
        {"saturation": 0.8},
        {"gain": 6.0},
        {"brightness": 0.1, "contrast": 0.3, "saturation": 0.4, "gain": 3.0},
    ],
)
def test_against_a_loop_over_samples(shape: tuple[int, ...], changes: dict[str, float]) -> None:
    recipe = make_recipe(shape[1], **changes)
    batch = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    draws = draw_jitter(recipe, 0, 7)
    mean, std = (np.array(values).reshape(-1, *[1] * (len(shape) - 2)) for values in (recipe.mean, recipe.std))
    for one, row, found in zip(batch, draws, jitter(batch, draws, recipe), strict=True):
        expected = (change_slowly(one.double().numpy() * std + mean, row.double().numpy(), recipe) - mean) / std
        assert np.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("shape", [(300, 1, 400), (300, 3, 12, 11)])
def test_noise_is_white_and_as_loud_as_drawn(shape: tuple[int, ...]) -> None:
    recipe = make_recipe(shape[1], noise=0.5)
    draws = draw_jitter(recipe, 0, len(shape) and shape[0])
    noise = jitter(torch.zeros(shape), draws, recipe) * torch.tensor(recipe.std).view(-1, *[1] * (len(shape) - 2))
    loudness = noise.flatten(1).std(1) / (0.5 * draws[:, 4])
    assert loudness.mean() == pytest.approx(1, abs=0.02)
    unit = noise.flatten(1) / noise.flatten(1).norm(dim=1, keepdim=True)
    assert (unit @ unit.T - torch.eye(len(unit))).abs().mean() < 0.06
    assert (unit[:, 1:] * unit[:, :-1]).sum(1).mean().abs() < 0.02


def test_a_samples_fate_does_not_depend_on_its_batch() -> None:
    recipe = make_recipe(3, brightness=0.1, contrast=0.3, saturation=0.4, gain=3.0, noise=0.1)
    batch, draws = torch.randn(9, 3, 6, 6), draw_jitter(recipe, 1, 9)
    chosen = torch.tensor([7, 2, 5])
    whole = jitter(batch, draws, recipe)
    assert torch.allclose(whole[chosen], jitter(batch[chosen], draws[chosen], recipe), atol=1e-6)
    assert not torch.equal(draws, draw_jitter(recipe, 2, 9))
    assert not torch.equal(draws, draw_jitter(replace(recipe, seed=1), 1, 9))


def test_nothing_asked_nothing_changed() -> None:
    batch, recipe = torch.randn(2, 1, 4), make_recipe(1)
    assert jitter(batch, draw_jitter(recipe, 0, 2), recipe) is batch
