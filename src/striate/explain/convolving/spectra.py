"""Kernels and sounds by frequency: what a kernel lets through, and what a sound is made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

Floats = NDArray[np.float64]

POINTS = 257  # from no frequency to half a cycle per sample
WINDOW = 1024
FAINTEST_DB = -200.0


def respond(kernel: NDArray[Any], dilation: int = 1, points: int = POINTS) -> tuple[Floats, Floats]:
    """A kernel's frequency response: the frequencies, in cycles per sample, and how much of each comes through.

    `|H(f)| = |sum over k of kernel[k] exp(2 pi i f k)|`; it is the same whether the kernel is flipped or not.

    Shape:   [..., size] -> [points], [..., points].
    Source:  Oppenheim & Schafer, "Discrete-Time Signal Processing", 3rd ed., sec. 2.6.

    >>> respond(np.array([0.5, 0.5]), points=3)[1].round(3).tolist()
    [1.0, 0.707, 0.0]
    """
    values = np.asarray(kernel, dtype=np.float64)
    frequencies = np.linspace(0, 0.5, points)
    waves = np.exp(2j * np.pi * np.outer(dilation * np.arange(values.shape[-1]), frequencies))
    return frequencies, np.abs(values @ waves)


def measure_spectrum(values: NDArray[Any], rate: float = 1.0) -> tuple[Floats, Floats]:
    """A series's power by frequency, in decibels: 0 dB per hertz (or per cycle a sample) is a power of 1.

    Shape:   [samples] -> [frequencies], [frequencies].
    Source:  Welch 1967, "The use of fast Fourier transform for the estimation of power spectra".
    """
    length = min(WINDOW, len(values))
    frequencies, power = welch(np.asarray(values, dtype=np.float64), fs=rate, nperseg=length, detrend=False)
    with np.errstate(divide="ignore"):
        decibels = np.maximum(10 * np.log10(power), FAINTEST_DB)
    return np.asarray(frequencies, np.float64), np.asarray(decibels, np.float64)
