"""Sounds within a page: a recording as a WAV that a browser plays, and what of it mattered."""

from __future__ import annotations

import wave
from base64 import b64encode
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOUDEST = 0.9
SMOOTH_SECONDS, EDGE_SECONDS = 0.03, 0.015
OPEN = 0.4  # of the hottest moment: from here on a sound is let through


def encode_wav(samples: Floats, rate: int) -> str:
    """Encode samples [length] from -1 to 1 as a data URI: one channel of 16 bits.

    >>> encode_wav(np.zeros(4), 8000)[:22]
    'data:audio/wav;base64,'
    """
    buffer = BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(32767 * np.clip(samples, -1, 1)).astype("<i2").tobytes())
    return "data:audio/wav;base64," + b64encode(buffer.getvalue()).decode("ascii")


def level_sound(lanes: Floats) -> Floats:
    """The mean of channels [lanes, length], as loud as plays well."""
    mono = lanes.mean(axis=0)
    largest = np.abs(mono).max(initial=0)
    return np.asarray(mono * (LOUDEST / largest) if largest else mono)


def open_gate(heat: Floats, rate: int) -> Floats:
    """How far each moment is let through, 0 to 1: where the heat, smoothed, is 40 % of its most, with smooth edges.

    What speaks against the class is not let through. Edges rise and fall like half a cosine, within 15 ms on either
    side, so that nothing clicks.
    """
    smooth = _average(np.clip(heat, 0, None), SMOOTH_SECONDS * rate)
    largest = smooth.max(initial=0)
    if not largest:
        return np.zeros_like(smooth)
    wide = max(1, round(2 * EDGE_SECONDS * rate))
    kernel = np.sin(np.pi * (np.arange(wide) + 0.5) / wide)  # its running sum is half a cosine
    passed = (smooth >= OPEN * largest).astype(np.float64)
    return np.clip(_mean(passed, kernel), 0, 1)


def _average(values: Floats, width: float) -> Floats:
    """A running mean over about so many cells."""
    wide = min(2 * round(width / 2) + 1, len(values))
    return _mean(values, np.ones(wide))


def _mean(values: Floats, kernel: Floats) -> Floats:
    """The mean around each cell, weighted by a kernel; at the ends, over the cells that there are."""
    return _convolve(values, kernel) / _convolve(np.ones_like(values), kernel)


def _convolve(values: Floats, kernel: Floats) -> Floats:
    """A convolution of the values' own length, by running through the frequencies, since sounds are long."""
    size = len(values) + len(kernel) - 1
    spread = np.fft.irfft(np.fft.rfft(values, size) * np.fft.rfft(kernel, size), size)
    start = (len(kernel) - 1) // 2
    return spread[start : start + len(values)]
