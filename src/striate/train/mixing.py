"""Samples mixed with a partner: the whole of it faintly (mixup), or a box of its cells (CutMix); labels in proportion.

Partners and shares are a table of the epoch, so they don't depend on who is in the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from striate.train.randomness import make_generator
from striate.train.recipe import Augment, Recipe

_SHARE, _KIND, _AXES = 0, 1, 2
_QUANTILES = 4096


@dataclass(frozen=True, eq=False)
class Mix:
    """An epoch's partners, [count], and random numbers from 0 to 1, [count, 2 + axes]."""

    partners: Tensor
    draws: Tensor


def draw_mix(recipe: Recipe, epoch: int, count: int, axes: int) -> Mix:
    """The partners of an epoch: each sample is the partner of one."""
    generator = make_generator("mix", recipe.seed, epoch)
    return Mix(torch.randperm(count, generator=generator), torch.rand(count, _AXES + axes, generator=generator))


def mix(batch: Tensor, others: Tensor, draws: Tensor, augment: Augment) -> tuple[Tensor, Tensor]:
    """Each sample with its part of the other one, and the share of itself that is left.

    The share is drawn from Beta(a, a). CutMix's box has the input's proportions; it is cut off at the edges, and the
    share is that of the cells that are left.

    Shape:  [count, channels, *extents] and [count].
    Source: Zhang et al. 2017, "mixup", arXiv:1710.09412, eq. 1; Yun et al. 2019, "CutMix", arXiv:1905.04899, sec. 3.
    """
    draws = draws.to(batch.device)
    boxed = (draws[:, _KIND] < 0.5) if augment.mixup else torch.ones_like(draws[:, _KIND], dtype=torch.bool)
    boxed = boxed if augment.cutmix else torch.zeros_like(boxed)
    shares = torch.where(boxed, find_beta(draws[:, _SHARE], augment.cutmix), find_beta(draws[:, _SHARE], augment.mixup))
    inside = _find_box(batch, draws, shares)
    left = 1 - inside.flatten(1).float().mean(1)
    taken = torch.where(_spread(boxed, batch), inside.float(), _spread(1 - shares, batch))
    return torch.lerp(batch, others, taken.to(batch.dtype)), torch.where(boxed, left, shares)


def mix_labels(labels: Tensor, others: Tensor, shares: Tensor, classes: int) -> Tensor:
    """A row of shares of the classes for each sample.

    >>> mix_labels(torch.tensor([0, 1]), torch.tensor([2, 1]), torch.tensor([0.75, 0.5]), classes=3)
    tensor([[0.7500, 0.0000, 0.2500],
            [0.0000, 1.0000, 0.0000]])
    """
    rows = torch.zeros(len(labels), classes, device=labels.device)
    shares = shares.to(labels.device)
    return rows.scatter_add_(1, labels[:, None], shares[:, None]).scatter_add_(1, others[:, None], 1 - shares[:, None])


def find_beta(numbers: Tensor, a: float) -> Tensor:
    """The values of Beta(a, a) below which these shares of it lie; without an a, 1.

    >>> find_beta(torch.tensor([0.0, 0.25, 1.0]), a=1.0)
    tensor([0.0000, 0.2500, 1.0000])
    """
    if not a:
        return torch.ones_like(numbers)
    table = _tabulate(a).to(numbers.device)
    places = numbers * _QUANTILES
    below = places.long().clamp_(0, _QUANTILES - 1)
    return torch.lerp(table[below], table[below + 1], places - below)


@lru_cache(maxsize=4)
def _tabulate(a: float) -> Tensor:
    from scipy import special  # a tenth of a second to import, for mixed samples alone

    return torch.from_numpy(special.betaincinv(a, a, np.linspace(0, 1, _QUANTILES + 1)).astype(np.float32))


def _find_box(batch: Tensor, draws: Tensor, shares: Tensor) -> Tensor:
    """Which cells lie in each sample's box, of which 1 - share of the input's cells are, where no edge is in the way.

    Shape: [count, 1, *extents].
    """
    count, _, *extents = batch.shape
    inside = torch.ones(count, 1, *extents, dtype=torch.bool, device=batch.device)
    part = (1 - shares) ** (1 / len(extents))
    for axis, extent in enumerate(extents):
        side = (part * extent).round()
        first = (draws[:, _AXES + axis] * extent).floor() - (side / 2).floor()
        distance = torch.arange(extent, device=batch.device) - first[:, None]
        shape = [count, 1] + [extent if other == axis else 1 for other in range(len(extents))]
        inside = inside & ((distance >= 0) & (distance < side[:, None])).view(shape)
    return inside


def _spread(numbers: Tensor, batch: Tensor) -> Tensor:
    return numbers.view(-1, *[1] * (batch.ndim - 1))
