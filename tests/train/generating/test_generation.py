"""Generation against a network that is asked anew, with all that there is so far, before each sample."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from striate.data.levels import SILENT
from striate.nets import parse
from striate.nets.build import make_module
from striate.train import Recipe
from striate.train.batches import normalise
from striate.train.generating import generate_levels
from striate.train.generating.drawing import draw_numbers

RECIPE = Recipe(epochs=1, mean=(0.5,), std=(0.25,))
TEXT = (
    "conv3-8 pad=causal, add[conv2-8 pad=causal dilation=4, relu, tap[conv1-8], conv1-8 | ], taps, relu, conv1-classes"
)


def build(text: str = TEXT) -> nn.Module:
    module = make_module(parse(text), (1, 64), 256, seed=3)
    with torch.no_grad():
        for value in module.parameters():
            value.mul_(2)  # so that what came before counts
    return module


def write_on(module: nn.Module, start: list[int], count: int, temperature: float, numbers: list[float]) -> list[int]:
    """The slow way: all so far, the shares one after the other until the number is reached."""
    levels = [SILENT, *start]
    for number in numbers[:count]:
        with torch.no_grad():
            batch = torch.tensor(levels, dtype=torch.uint8)[None, None]
            scores = module.eval()(normalise(batch, RECIPE))[0, :, -1].double()
        shares, level = torch.softmax(scores / temperature, 0).tolist(), 0
        while sum(shares[: level + 1]) < number:
            level += 1
        levels.append(level)
    return levels[1 + len(start) :]


@pytest.mark.parametrize("start", [[], [7], list(range(100, 130))])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_it_is_what_the_slow_way_gives(start: list[int], temperature: float) -> None:
    module = build()
    drawn = generate_levels(module, [np.array(start, np.uint8)] * 2, 25, RECIPE, [temperature] * 2, seed=5)
    numbers = draw_numbers(5, 2, 25)
    for row in range(2):
        assert drawn[row].tolist() == write_on(module, start, 25, temperature, numbers[row].tolist())


def test_a_network_without_queues_is_asked_with_all_there_is() -> None:
    module = build("conv3-8 pad=causal mode=replicate, relu, conv1-classes")
    drawn = generate_levels(module, [np.array([9, 200], np.uint8)], 12, RECIPE, [1.0], seed=1)
    assert drawn[0].tolist() == write_on(module, [9, 200], 12, 1.0, draw_numbers(1, 1, 12)[0].tolist())


def test_several_are_as_one_by_one() -> None:
    module = build()
    starts = [np.array([1, 2, 3], np.uint8), np.array([250, 3, 90], np.uint8)]
    both = generate_levels(module, starts, 20, RECIPE, [1.0, 0.5], seed=2)
    assert np.array_equal(both[:1], generate_levels(module, starts[:1], 20, RECIPE, [1.0], seed=2))


def test_training_mode_and_weights_stay() -> None:
    module = build().train()
    before = [value.clone() for value in module.parameters()]
    told: list[tuple[int, int]] = []
    drawn = generate_levels(
        module, [np.zeros(0, np.uint8)], 70, RECIPE, [1.0], on_progress=lambda *each: told.append(each)
    )
    assert module.training
    assert all(torch.equal(*each) for each in zip(before, module.parameters(), strict=True))
    assert drawn.shape == (1, 70)
    assert told[-1] == (70, 70)
