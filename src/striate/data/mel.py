"""The spectrogram of a recording on the mel scale, in decibels: pitch as it is heard, against time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Bytes

FLOOR_DECIBELS = 80.0  # so far below a sine of full scale all is black
BANDS = (64, 48, 40, 32, 24, 16, 8, 4)

Reals = NDArray[np.float64]


def to_mel(hertz: Reals | float) -> Reals:
    """Frequencies on the mel scale, 2595 log10(1 + f / 700).

    Source: O'Shaughnessy 1987, "Speech Communication", p. 150.

    >>> float(np.round(to_mel(1000.0)))
    1000.0
    """
    return np.asarray(2595.0 * np.log10(1.0 + np.asarray(hertz) / 700.0))


def to_hertz(mel: Reals | float) -> Reals:
    """The inverse of `to_mel`."""
    return np.asarray(700.0 * (10.0 ** (np.asarray(mel) / 2595.0) - 1.0))


@lru_cache(maxsize=8)
def make_mel_matrix(rate: int, window: int, mels: int) -> Reals:
    """Triangles over the frequencies of a transform, their corners spaced evenly in mel from 0 to half of the rate.

    Each triangle rises from the middle of the one before to its own, where it is 1, and falls to the next one's.

    Shape:  [mels, window // 2 + 1].
    Source: Davis and Mermelstein 1980, "Comparison of parametric representations for monosyllabic word recognition",
            fig. 1, with the mel scale of `to_mel`.
    """
    corners = to_hertz(np.linspace(0.0, float(to_mel(rate / 2)), mels + 2))
    frequencies = np.arange(window // 2 + 1) * (rate / window)
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    matrix: Reals = np.clip(np.minimum(rising, falling), 0.0, None)
    return matrix


def choose_mels(rate: int, window: int) -> int:
    """Choose the most mel bands, of 64, 48, 40 ..., of which none is narrower than the transform's frequencies.

    >>> choose_mels(16_000, 512), choose_mels(8_000, 256)
    (64, 64)
    """
    return next((mels for mels in BANDS if (make_mel_matrix(rate, window, mels).max(1) > 0.25).all()), BANDS[-1])


def draw_spectrogram(samples: NDArray[np.float32], rate: int, window: int, hop: int, mels: int) -> Bytes:
    """Draw a recording's power in each mel band over time, in decibels: 255 a sine of full scale, 0 is 80 dB below.

    Frame t is the window around sample t * hop, under Hann's; past the ends there is silence. The highest
    band is the first row, as pictures show it.

    Shape:  float32 [channels, samples] from -1 to 1 -> uint8 [channels, mels, ceil(samples / hop)].
    Cost:   one transform of `window` samples a frame.
    """
    frames = -(-samples.shape[1] // hop)
    padded = np.pad(samples, ((0, 0), (window // 2, window)))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)[:, : frames * hop : hop]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    spectra = np.fft.rfft(pieces * (hann * (2 / hann.sum())))
    power = np.abs(spectra) ** 2 @ make_mel_matrix(rate, window, mels).T
    decibels = 10 * np.log10(np.maximum(power, 10.0 ** (-FLOOR_DECIBELS / 10)))
    bytes_: Bytes = np.clip(np.rint(255 * (1 + decibels / FLOOR_DECIBELS)), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(bytes_.transpose(0, 2, 1)[:, ::-1])
