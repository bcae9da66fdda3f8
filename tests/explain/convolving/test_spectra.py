from __future__ import annotations

import cmath

import numpy as np
from scipy.signal import freqz

from striate.explain.convolving.spectra import FAINTEST_DB, measure_spectrum, respond


def test_a_response_is_what_becomes_of_a_wave() -> None:
    kernel = np.random.default_rng(0).normal(size=7)
    frequencies, gains = respond(kernel, points=9)
    for frequency, gain in zip(frequencies, gains, strict=True):
        wave = [cmath.exp(2j * cmath.pi * frequency * cell) for cell in range(40)]
        filtered = sum(kernel[tap] * wave[20 + tap] for tap in range(7))
        assert abs(abs(filtered) - gain) < 1e-12


def test_a_dilated_kernel_responds_as_one_with_zeros_between() -> None:
    kernel = np.random.default_rng(1).normal(size=(3, 4))
    spread = np.zeros((3, 10))
    spread[:, ::3] = kernel
    frequencies, gains = respond(kernel, 3, 33)
    for row, gain in zip(spread, gains, strict=True):
        _, expected = freqz(row, worN=2 * np.pi * frequencies)
        assert np.allclose(np.abs(expected), gain, atol=1e-12)


def test_a_spectrum_peaks_at_a_tone_and_holds_its_power() -> None:
    rate, tone = 8000, 1250.0
    values = 0.5 * np.sin(2 * np.pi * tone * np.arange(8000) / rate)
    frequencies, decibels = measure_spectrum(values, rate)
    assert frequencies[int(decibels.argmax())] == tone
    power = float((10 ** (decibels / 10)).sum() * (frequencies[1] - frequencies[0]))
    assert abs(power - float((values**2).mean())) < 1e-3
    assert set(measure_spectrum(np.zeros(10))[1]) == {FAINTEST_DB}
