"""Levels drawn from a network's scores, each sequence by random numbers of its own."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from striate.errors import RunError


def draw_levels(scores: Tensor, numbers: Tensor, temperature: Tensor) -> Tensor:
    """Draw one level for each row of scores: the one in whose share of 0 to 1 the row's number falls.

    Scores are divided by the row's `temperature` first; at 0 the highest is taken.

    Shape:   [count, levels], [count], [count] -> int64 [count].
    Raises:  RunError for scores that aren't finite.

    >>> draw_levels(torch.tensor([[0.0, 0.0], [0.0, 1.0]]), torch.tensor([0.4, 0.1]), torch.tensor([1.0, 0.0])).tolist()
    [0, 1]
    """
    scores = scores.double()
    if not bool(scores.isfinite().all()):
        raise RunError("the network's scores are not finite: its weights have overflowed. Train it anew")
    shares = (scores / temperature[:, None].clamp(min=1e-6)).softmax(1).cumsum(1)
    drawn = (shares < numbers[:, None] * shares[:, -1:]).sum(1).clamp(max=scores.shape[1] - 1)
    return torch.where(temperature > 0, drawn, scores.argmax(1))


def draw_numbers(seed: int, rows: int, count: int) -> NDArray[np.float64]:
    """Random numbers from 0 to 1, for each row those of (seed, row) alone.

    Shape: [rows, count].

    >>> bool((draw_numbers(0, 3, 2)[:2] == draw_numbers(0, 2, 2)).all())
    True
    """
    return np.stack([np.random.default_rng([seed, row]).random(count) for row in range(rows)])
