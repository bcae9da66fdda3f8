"""The batch of a step by its samples' names, against the batches that training itself takes."""

from __future__ import annotations

from typing import Literal

import pytest
import torch

from striate.engine import Engine
from striate.train import Recipe
from striate.train.batches import Samples, iterate_batches
from striate.train.naming import name_batch

COUNT = 23


@pytest.mark.parametrize("balance", ["none", "sampling"])
def test_names_are_those_of_the_batch_that_is_trained_on(balance: Literal["none", "sampling"]) -> None:
    recipe = Recipe(epochs=2, batch=5, mean=(0.0,), std=(1.0,), balance=balance)
    samples = Samples(torch.arange(float(COUNT)).view(-1, 1, 1), torch.arange(COUNT) % 3)
    for epoch in range(2):
        for step, batch in enumerate(iterate_batches(samples, recipe, Engine(), epoch)):
            chosen, spoilt = name_batch(samples, recipe, epoch, step, [f"n{number}" for number in range(COUNT)])
            assert chosen == [f"n{round(float(value))}" for value in batch[0].flatten()]
            assert spoilt == []


def test_samples_of_values_that_are_not_finite_are_told_apart() -> None:
    recipe = Recipe(epochs=1, batch=8, mean=(0.0,), std=(1.0,))
    values = torch.zeros(16, 2, 3)
    for place, value in ((1, torch.nan), (6, torch.inf), (11, -torch.inf)):
        values[place, place % 2, 1] = value
    samples = Samples(values, torch.zeros(16, dtype=torch.int64))
    found = [name_batch(samples, recipe, 0, step) for step in range(2)]
    assert sorted(name for chosen, _ in found for name in chosen) == sorted(f"sample {n}" for n in range(16))
    for chosen, spoilt in found:
        assert set(spoilt) == {"sample 1", "sample 6", "sample 11"} & set(chosen)


def test_whole_numbers_cannot_be_spoilt() -> None:
    recipe = Recipe(epochs=1, batch=4, mean=(0.0,), std=(1.0,))
    samples = Samples(torch.full((4, 1, 2), 255, dtype=torch.uint8), torch.zeros(4, dtype=torch.int64))
    assert name_batch(samples, recipe, 0, 0)[1] == []
