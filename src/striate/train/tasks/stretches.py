"""Stretches of sequences: where each begins, drawn anew in each epoch, and the same a moment late."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.data.levels import SILENT
from striate.train.randomness import derive_seed
from striate.train.tasks.draws import draw_uniform, make_keys

NOTHING = -100  # the level of a moment that isn't counted
OVERHANG = 4  # a stretch is drawn as if it could begin so much of its length before its sequence, or end behind it


def draw_starts(rows: Tensor, counts: Tensor, window: int, seed: int, epoch: int) -> Tensor:
    """Where the stretch of each sequence begins: a function of (seed, epoch, row).

    A stretch lies within the moments that count; beginnings and ends, which few stretches would hold, are drawn more
    often. Shape: [count].
    """
    keys = make_keys(derive_seed("stretch", seed, epoch), rows.cpu())
    numbers = draw_uniform(keys, 1)[:, 0]
    most, over = (counts - window).clamp(min=0), window // OVERHANG
    drawn = (numbers * (most + 2 * over + 1)).long() - over
    return torch.minimum(drawn.clamp(min=0), most)


def cut_stretches(levels: Tensor, counts: Tensor, starts: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Stretches of sequences a moment late (before the first was silence), and the stretches; uncounted moments -100.

    Shape: [count, moments] -> two of [count, length].

    >>> given, wanted = cut_stretches(torch.tensor([[5, 6, 7]]), torch.tensor([2]), torch.tensor([0]), 3)
    >>> given.tolist(), wanted.tolist()
    ([[128, 5, 6]], [[5, 6, -100]])
    """
    places = starts[:, None] + torch.arange(length, device=levels.device)
    late = F.pad(levels, (1, length), value=SILENT)
    wanted = F.pad(levels, (0, length), value=SILENT).gather(1, places)
    return late.gather(1, places), wanted.masked_fill(places >= counts[:, None], NOTHING)
