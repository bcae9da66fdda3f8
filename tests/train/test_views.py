from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from striate.train import Recipe
from striate.train.views import answer, nudge

RECIPE = Recipe(epochs=1, mean=(0.0,), std=(1.0,), mirror=True, nudge=1)
SHAPES = [(6, 2, 9), (6, 1, 5, 4), (6, 2, 3, 4, 5)]


def draw_batch(shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def ask(batch: Tensor) -> Tensor:
    """A made-up network to which place matters."""
    flat = batch.flatten(1)
    weights = torch.linspace(-1, 1, 3 * flat.shape[1]).sin().view(3, -1)
    return (flat @ weights.T).tanh() * 3


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("cells", [1, -1, 2])
def test_nudged_against_padding_and_cropping(shape: tuple[int, ...], cells: int) -> None:
    batch = draw_batch(shape)
    margin, axes = abs(cells), len(shape) - 2
    padded = np.pad(batch.numpy(), [(0, 0), (0, 0)] + [(margin, margin)] * axes, mode="reflect")
    window = tuple(slice(margin - cells, margin - cells + extent) for extent in shape[2:])
    assert np.array_equal(nudge(batch, cells).numpy(), padded[(slice(None), slice(None), *window)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("mirror", "cells"), [(True, 0), (False, 1), (True, 1)])
def test_the_mean_over_views_by_hand(shape: tuple[int, ...], mirror: bool, cells: int) -> None:
    batch = draw_batch(shape)
    found = answer(ask, batch, replace(RECIPE, mirror=mirror, nudge=cells))

    def both(view: Tensor) -> Tensor:
        return (ask(view) + ask(view.flip(-1))) / 2 if mirror else ask(view)

    expected = both(batch)
    if cells:
        expected = expected / 2 + (both(nudge(batch, 1)) + both(nudge(batch, -1))) / 4
    assert torch.allclose(found, expected, atol=1e-6)


def test_only_the_unsure_are_looked_at_again() -> None:
    batch = draw_batch((6, 2, 9))
    plain, every = ask(batch), answer(ask, batch, RECIPE)
    sure = plain.softmax(1).amax(1)
    limit = float(sure.median()) + 1e-3
    seen: list[int] = []

    def count(view: Tensor) -> Tensor:
        seen.append(len(view))
        return ask(view)

    found = answer(count, batch, replace(RECIPE, unsure=limit))
    for row in range(6):
        assert torch.allclose(found[row], (every if sure[row] < limit else plain)[row], atol=1e-6)
    assert seen == [6] + [int((sure < limit).sum())] * 5
    seen.clear()
    assert torch.equal(answer(count, batch, replace(RECIPE, unsure=0.0)), plain)
    assert seen == [6]


def test_what_is_said_of_an_input_does_not_depend_on_the_others() -> None:
    batch, recipe = draw_batch((6, 2, 9)), replace(RECIPE, unsure=0.8)
    whole = answer(ask, batch, recipe)
    alone = torch.cat([answer(ask, one[None], recipe) for one in batch])
    assert torch.allclose(whole, alone, atol=1e-6)


def test_without_views_a_batch_is_asked_once() -> None:
    batch = draw_batch((3, 1, 4))
    assert torch.equal(answer(ask, batch, replace(RECIPE, mirror=False, nudge=0)), ask(batch))
