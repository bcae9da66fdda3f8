"""Samples as 256 levels, close together about silence and farther apart where it is loud: the mu-law.

Source: van den Oord et al. 2016, "WaveNet: a generative model for raw audio", arXiv:1609.03499, section 2.2; ITU-T
Recommendation G.711.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 256
MU = LEVELS - 1
SILENT = 128  # the level of a sample of 0

Reals = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]


def quantise(values: Reals) -> Bytes:
    """The level of each sample; what lies beyond -1 and 1 is cut off.

    >>> quantise(np.array([-1.0, 0.0, 0.01, 1.0]))
    array([  0, 128, 157, 255], dtype=uint8)
    """
    cut = np.clip(values, -1, 1).astype(np.float64)
    bent = np.sign(cut) * np.log1p(MU * np.abs(cut)) / np.log1p(MU)
    levels: Bytes = np.floor((bent + 1) / 2 * MU + 0.5).astype(np.uint8)
    return levels


def expand(levels: Reals | NDArray[np.integer[Any]]) -> NDArray[np.float32]:
    """The sample that a level stands for; of a half, such as 127.5, the bound between two.

    >>> expand(np.array([0, 127.5, 157, 255])).astype(float).round(4).tolist()
    [-1.0, 0.0, 0.0102, 1.0]
    """
    bent = 2 * np.asarray(levels, np.float64) / MU - 1
    values: NDArray[np.float32] = (np.sign(bent) * np.expm1(np.abs(bent) * np.log1p(MU)) / MU).astype(np.float32)
    return values


def count_sounding(levels: Bytes) -> NDArray[np.int64]:
    """How many samples each recording has before the silence that fills it up to the length of all.

    Shape: [count, 1, length] -> [count].

    >>> count_sounding(np.array([[[5, SILENT, 7, SILENT, SILENT]], [[SILENT] * 5]], np.uint8))
    array([3, 0])
    """
    sounds = levels[:, 0] != SILENT
    last = levels.shape[-1] - sounds[:, ::-1].argmax(1)
    return np.where(sounds.any(1), last, 0).astype(np.int64)
