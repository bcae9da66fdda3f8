from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import stats

from striate.train import Augment, Recipe
from striate.train.mixing import draw_mix, find_beta, mix, mix_labels

RECIPE = Recipe(epochs=1, mean=(0.5,), std=(0.5,))
SHAPES = [(30, 1, 12), (30, 3, 7, 8), (30, 2, 4, 5, 6)]


def draw_two(shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(shape, generator=generator), torch.randn(shape, generator=generator)


@pytest.mark.parametrize("shape", SHAPES)
def test_mixup_is_a_blend(shape: tuple[int, ...]) -> None:
    batch, others = draw_two(shape)
    draws = draw_mix(RECIPE, 0, 30, len(shape) - 2).draws
    found, shares = mix(batch, others, draws, Augment(mixup=0.4))
    expected = stats.beta(0.4, 0.4).ppf(draws[:, 0].double().numpy())
    assert np.allclose(shares, expected, atol=2e-3)
    for row in range(30):
        share = float(shares[row])
        assert torch.allclose(found[row], share * batch[row] + (1 - share) * others[row], atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_cutmix_against_a_loop_over_cells(shape: tuple[int, ...]) -> None:
    batch, others = draw_two(shape)
    axes = len(shape) - 2
    draws = draw_mix(RECIPE, 0, 30, axes).draws
    found, shares = mix(batch, others, draws, Augment(cutmix=1.0))
    for row in range(30):
        part = (1 - float(draws[row, 0])) ** (1 / axes)
        taken = 0
        for cell in itertools.product(*map(range, shape[2:])):
            inside = True
            for axis, place in enumerate(cell):
                extent = shape[2 + axis]
                side = round(part * extent)
                first = int(float(draws[row, 2 + axis]) * extent) - side // 2
                inside = inside and first <= place < first + side
            taken += inside
            source = others if inside else batch
            at = np.ravel_multi_index(cell, shape[2:])
            assert torch.equal(found[row].flatten(1)[:, at], source[row].flatten(1)[:, at])
        assert float(shares[row]) == pytest.approx(1 - taken / np.prod(shape[2:]), abs=1e-6)


def test_of_both_each_sample_takes_one() -> None:
    batch, others = torch.zeros(400, 1, 10, 10), torch.ones(400, 1, 10, 10)
    draws = draw_mix(RECIPE, 0, 400, 2).draws
    found, shares = mix(batch, others, draws, Augment(mixup=1.0, cutmix=1.0))
    boxed = (draws[:, 1] < 0.5).numpy()
    whole = (found.flatten(1) == 0) | (found.flatten(1) == 1)
    assert whole.all(1).numpy()[boxed].all()
    assert not whole.any(1).numpy()[~boxed].any()
    assert 150 < boxed.sum() < 250
    assert torch.allclose(found.flatten(1).mean(1), 1 - shares, atol=1e-5)


def test_every_sample_is_the_partner_of_one() -> None:
    first, again, other = (draw_mix(RECIPE, epoch, 50, 2) for epoch in (0, 0, 1))
    assert first.partners.sort().values.tolist() == list(range(50))
    assert torch.equal(first.partners, again.partners)
    assert torch.equal(first.draws, again.draws)
    assert not torch.equal(first.partners, other.partners)


def test_rows_of_labels_by_hand() -> None:
    rows = mix_labels(torch.tensor([2, 0]), torch.tensor([1, 0]), torch.tensor([0.25, 0.5]), classes=4)
    assert rows.tolist() == [[0, 0.75, 0.25, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("a", [0.2, 1.0, 2.0])
def test_shares_are_betas(a: float) -> None:
    numbers = torch.rand(2000, generator=torch.Generator().manual_seed(0))
    found = find_beta(numbers, a).double().numpy()
    inner = (found > 1e-6) & (found < 1 - 1e-6)  # nearer to the ends single precision can't tell
    assert inner.mean() > 0.8
    assert np.allclose(stats.beta(a, a).cdf(found[inner]), numbers[inner], atol=2e-3)
