"""Levels by chance: the shares that come, the temperature's two ends, numbers of each row's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from striate.errors import RunError
from striate.train.generating.drawing import draw_levels, draw_numbers


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_levels_come_as_often_as_their_share(temperature: float) -> None:
    scores = torch.tensor([0.0, 1.0, -1.0, 2.0])
    numbers = torch.linspace(0, 1, 20001)[:-1].double() + 0.00002
    count = len(numbers)
    drawn = draw_levels(scores.expand(count, 4), numbers, torch.full((count,), temperature))
    weights = np.exp(scores.numpy() / temperature)
    shares = np.bincount(drawn.numpy(), minlength=4) / count
    np.testing.assert_allclose(shares, weights / weights.sum(), atol=2e-4)


def test_without_heat_the_likeliest_comes() -> None:
    scores = torch.randn(30, 256, generator=torch.Generator().manual_seed(0))
    drawn = draw_levels(scores, torch.rand(30), torch.zeros(30))
    assert torch.equal(drawn, scores.argmax(1))


def test_the_ends_of_the_numbers_give_levels_that_there_are() -> None:
    scores = torch.full((2, 256), -50.0)
    scores[:, 7] = 50.0
    assert draw_levels(scores, torch.tensor([0.0, 1.0 - 2**-53], dtype=torch.float64), torch.ones(2)).tolist() == [0, 7]
    assert draw_levels(scores, torch.tensor([0.5, 1.0], dtype=torch.float64), torch.ones(2)).max() <= 255


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(RunError, match="finite"):
        draw_levels(torch.tensor([[0.0, float("nan")]]), torch.tensor([0.5]), torch.ones(1))


def test_each_row_has_numbers_of_its_own() -> None:
    numbers = draw_numbers(3, 5, 100)
    assert np.array_equal(numbers[:2], draw_numbers(3, 2, 100))
    assert len(np.unique(numbers)) == 500
    assert not np.array_equal(numbers, draw_numbers(4, 5, 100))
