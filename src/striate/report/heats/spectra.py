"""A sound as its spectrogram: how strong each frequency is, moment by moment, from quiet to loud."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DECIBELS = 70.0  # from the loudest down to black
MOST_MOMENTS = 600
SHORTEST, LONGEST = 32, 1024  # samples of a window


@dataclass(frozen=True)
class Spectrogram:
    """Levels [frequencies, moments] from 0 (quiet) to 1 (loudest), from 0 up to `hertz`, over `seconds`."""

    levels: Floats
    hertz: float
    seconds: float


def compute_spectrogram(samples: Floats, rate: int) -> Spectrogram | None:
    """The spectrogram of samples [length] through a Hann window of about 25 ms; None where they are too few.

    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> found = compute_spectrogram(tone, 8000)
    >>> round(found.levels.mean(axis=1).argmax() * found.hertz / (len(found.levels) - 1)), found.seconds
    (1000, 1.0)
    """
    size = int(2 ** np.clip(round(np.log2(0.025 * rate)), np.log2(SHORTEST), np.log2(LONGEST)))
    if len(samples) < 4 * size:
        return None
    padded = np.pad(samples, size // 2)
    step = max(size // 4, ceil(len(samples) / MOST_MOMENTS))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::step]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    strength = np.abs(np.fft.rfft(frames * window, axis=1)).T
    largest = strength.max(initial=0)
    if not largest:
        return Spectrogram(np.zeros_like(strength), rate / 2, len(samples) / rate)
    decibels = 20 * np.log10(np.maximum(strength / largest, 1e-9))
    return Spectrogram(np.clip(1 + decibels / DECIBELS, 0, 1), rate / 2, len(samples) / rate)


def resample_heat(heat: Floats, count: int) -> Floats:
    """The strongest heat within each of `count` equal parts; with fewer cells than parts, the cell that a part lies in.

    >>> resample_heat(np.array([0.0, 1.0, -3.0, 2.0]), 2).tolist(), resample_heat(np.array([1.0, 2.0]), 4).tolist()
    ([1.0, -3.0], [1.0, 1.0, 2.0, 2.0])
    """
    if len(heat) <= count:
        return heat[(np.arange(count) * len(heat)) // count]
    starts = (np.arange(count) * len(heat)) // count
    most, least = np.maximum.reduceat(heat, starts), np.minimum.reduceat(heat, starts)
    return np.where(most >= -least, most, least)
