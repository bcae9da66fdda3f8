"""What samples cost without a network: expectations that are counted in the training part, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.levels import LEVELS, SILENT, count_sounding

MOST = 2000  # sequences of each part that are counted

Bytes = NDArray[np.uint8]


def measure_plain_costs(trained: Bytes, held: Bytes, padded: bool) -> dict[str, float]:
    """The bits per sample of held-out sequences, [count, 1, length], under four plain expectations.

    `uniform`: every level alike; `silence`: silence as often as in training, any other level alike; `shares`: each
    level as often as in training; `previous`: the level before repeated, and each change as often as in training.
    With `padded`, the silence at the end isn't counted.
    """
    before, after = gather_pairs(trained, padded), gather_pairs(held, padded)
    silent = (after[1] == SILENT).mean()
    share = ((before[1] == SILENT).sum() + 1) / (len(before[1]) + LEVELS)
    return {
        "uniform": float(np.log2(LEVELS)),
        "silence": float(-silent * np.log2(share) - (1 - silent) * np.log2((1 - share) / (LEVELS - 1))),
        "shares": _code(before[1], after[1], LEVELS),
        "previous": _code(_change(before), _change(after), 2 * LEVELS - 1),
    }


def gather_pairs(sequences: Bytes, padded: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The level before each counted sample (before the first, silence), and the sample's own.

    >>> gather_pairs(np.array([[[5, 6, 128]]], np.uint8), padded=True)
    (array([128,   5]), array([5, 6]))
    """
    levels = np.asarray(sequences[:: max(1, len(sequences) // MOST)])[:MOST, 0].astype(np.int64)
    length = levels.shape[1]
    counts = count_sounding(levels[:, None].astype(np.uint8)) if padded else np.full(len(levels), length)
    counted = np.arange(length) < counts[:, None]
    late = np.concatenate([np.full((len(levels), 1), SILENT), levels[:, :-1]], axis=1)
    return late[counted], levels[counted]


def _change(pairs: tuple[NDArray[Any], NDArray[Any]]) -> NDArray[np.int64]:
    before, now = pairs
    return np.asarray(now - before + LEVELS - 1, np.int64)


def _code(trained: NDArray[np.int64], held: NDArray[np.int64], symbols: int) -> float:
    """The mean bits of symbols coded by how often each came in training, one more of each (Laplace's rule)."""
    counts = np.bincount(trained, minlength=symbols) + 1.0
    return float(-np.log2(counts / counts.sum())[held].mean()) if len(held) else 0.0
