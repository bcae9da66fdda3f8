from __future__ import annotations

import itertools

import pytest
import torch

from striate.explain.covering.masks import SHOWN, draw_masks


@pytest.mark.parametrize("extents", [(20,), (9, 12), (5, 4, 6), (3, 3, 2, 3)])
def test_masks_are_interpolated_between_their_nodes(extents: tuple[int, ...]) -> None:
    masks = draw_masks(extents, seed=3, count=4)
    found = masks.make(torch.tensor([1, 3]), torch.float64)
    assert found.shape == (2, *extents)
    for mask, number in zip(found, (1, 3), strict=True):
        for cell in itertools.product(*map(range, extents)):
            ways = [divmod(int(i + s), p) for i, s, p in zip(cell, masks.shifts[number], masks.pitch, strict=True)]
            value = 0.0
            for corner in itertools.product((0, 1), repeat=len(extents)):
                share = 1.0
                for side, (_, past), pitch in zip(corner, ways, masks.pitch, strict=True):
                    share *= past / pitch if side else 1 - past / pitch
                node = tuple(before + side for (before, _), side in zip(ways, corner, strict=True))
                value += share * float(masks.nodes[(number, *node)])
            assert float(mask[cell]) == pytest.approx(value, abs=1e-12)


def test_a_cell_is_shown_as_often_as_the_chance_says() -> None:
    masks = draw_masks([16, 16], seed=0)
    mean = masks.make(torch.arange(len(masks)), torch.float64).mean(0)
    assert (mean - SHOWN).abs().max() < 0.05
    assert masks.shifts.max() == masks.pitch[0] - 1


def test_the_seed_alone_settles_the_masks() -> None:
    one, same, other = (draw_masks([9, 9], seed).nodes for seed in (5, 5, 6))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("extents", [(1,), (1, 1), (2, 1, 3), (100000,)])
def test_any_extents_have_masks(extents: tuple[int, ...]) -> None:
    masks = draw_masks(extents, seed=0)
    assert masks.make(torch.arange(2), torch.float32).shape == (2, *extents)
