from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from striate.errors import InputError
from striate.layers import make_convolution
from striate.train import Recipe, Whiten
from striate.train.batches import Samples, read_samples
from striate.train.whitening import measure_covariance, whiten

SHAPES = [((40, 1, 9), (3,)), ((30, 3, 6, 5), (2, 2)), ((20, 2, 4, 5, 4), (2, 3, 1))]


def make_samples(shape: tuple[int, ...]) -> tuple[Samples, Recipe]:
    generator = np.random.default_rng(0)
    inputs = np.cumsum(generator.integers(0, 30, shape), -1).clip(0, 255).astype(np.uint8)
    channels = shape[1]
    recipe = Recipe(
        epochs=1, mean=(0.3,) * channels, std=tuple(0.1 + 0.1 * c for c in range(channels)), whiten=Whiten(images=999)
    )
    return read_samples(inputs, np.zeros(shape[0], dtype=np.int64), recipe), recipe


def list_patches(inputs: torch.Tensor, sizes: tuple[int, ...], recipe: Recipe) -> NDArray[np.float64]:
    """Every patch as a row, by loops."""
    values = inputs.numpy().astype(float) / 255
    rows = []
    for sample in values:
        normal = np.stack([(c - m) / s for c, m, s in zip(sample, recipe.mean, recipe.std, strict=True)])
        places = [range(extent - size + 1) for extent, size in zip(sample.shape[1:], sizes, strict=True)]
        for place in itertools.product(*places):
            window = tuple(slice(start, start + size) for start, size in zip(place, sizes, strict=True))
            rows.append(normal[(slice(None), *window)].ravel())
    return np.array(rows)


@pytest.mark.parametrize(("shape", "sizes"), SHAPES)
def test_the_covariance_against_a_loop_over_patches(shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    samples, recipe = make_samples(shape)
    rows = list_patches(samples.inputs, sizes, recipe)
    found = measure_covariance(samples, sizes, recipe).numpy()
    assert np.allclose(found, rows.T @ rows / len(rows), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("shape", "sizes"), SHAPES)
def test_the_first_layer_yields_uncorrelated_values_of_size_one(shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    samples, recipe = make_samples(shape)
    recipe = replace(recipe, whiten=Whiten(images=999, eps=1e-9))
    taps = shape[1] * int(np.prod(sizes))
    made = make_convolution(len(sizes), shape[1], 2 * taps, sizes)
    assert whiten(nn.Sequential(nn.Identity(), made, nn.ReLU()), samples, recipe) is made
    rows = list_patches(samples.inputs, sizes, recipe)
    answers = rows @ made.get_parameter("weight").detach().double().numpy().reshape(2 * taps, -1).T
    assert np.allclose(answers[:, :taps], -answers[:, taps:], atol=1e-4)
    assert np.allclose(answers[:, :taps].T @ answers[:, :taps] / len(rows), np.eye(taps), atol=1e-2)
    assert not made.get_parameter("bias").any()


def test_fewer_kernels_take_the_directions_of_the_greatest_variance() -> None:
    samples, recipe = make_samples((30, 3, 6, 5))
    small, large = nn.Conv2d(3, 4, 2), nn.Conv2d(3, 24, 2)
    for layer in (small, large):
        whiten(layer, samples, recipe)
    assert torch.equal(small.weight[:2], large.weight[:2])
    rows = list_patches(samples.inputs, (2, 2), recipe)
    values, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    found = small.weight.detach().double().numpy().reshape(4, -1)[0]
    assert abs(found @ vectors[:, -1]) == pytest.approx(1 / np.sqrt(values[-1] + 5e-4), rel=1e-3)


def test_it_is_a_function_of_the_seed_and_looks_at_no_more_images_than_asked() -> None:
    samples, recipe = make_samples((200, 1, 8, 8))
    recipe = replace(recipe, whiten=Whiten(images=20))
    layers = [nn.Conv2d(1, 8, 3) for _ in range(3)]
    for layer, seed in zip(layers, (1, 1, 2), strict=True):
        whiten(layer, samples, replace(recipe, seed=seed))
    assert torch.equal(layers[0].weight, layers[1].weight)
    assert not torch.equal(layers[0].weight, layers[2].weight)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Linear(8, 4), "the first layer with weights is Linear, no convolution"),
        (nn.ReLU(), "the first layer with weights is nowhere"),
        (nn.Conv2d(1, 7, 3), "7 kernels, an odd number"),
        (nn.Conv2d(1, 64, 3), "64 kernels, and 9 weights each .* at most 18 fit"),
        (nn.Conv2d(4, 8, 3), "sums 4 channels, the inputs have 1"),
        (nn.ConvTranspose2d(1, 8, 3), "ConvTranspose2d, no convolution"),
        (nn.Conv2d(1, 8, 9), "kernels are 9x9, and the inputs are 8x8"),
    ],
)
def test_a_first_layer_that_cannot_take_it_is_named(module: nn.Module, message: str) -> None:
    samples, recipe = make_samples((20, 1, 8, 8))
    with pytest.raises(InputError, match=message):
        whiten(module, samples, recipe)
