from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from striate.report.heats.spectra import DECIBELS, compute_spectrogram, resample_heat


def test_a_moment_is_the_transform_of_its_window() -> None:
    rate, samples = 2000, np.random.default_rng(0).normal(size=600)
    found = compute_spectrogram(samples, rate)
    assert found is not None
    size = 2 * (len(found.levels) - 1)
    step = size // 4
    padded = [0.0] * (size // 2) + samples.tolist() + [0.0] * (size // 2)

    def transform(moment: int, frequency: int) -> float:
        total = 0j
        for place in range(size):
            window = 0.5 - 0.5 * math.cos(2 * math.pi * place / size)
            total += window * padded[moment * step + place] * cmath.exp(-2j * math.pi * frequency * place / size)
        return abs(total)

    moments = range(found.levels.shape[1])
    largest = max(transform(moment, frequency) for moment in moments for frequency in range(len(found.levels)))
    for moment, frequency in ((0, 3), (5, 0), (11, size // 2), (20, 7)):
        level = 1 + 20 * math.log10(transform(moment, frequency) / largest) / DECIBELS
        assert found.levels[frequency, moment] == pytest.approx(max(0, level), abs=1e-9)


def test_silence_is_dark_and_what_is_too_short_has_none() -> None:
    silent = compute_spectrogram(np.zeros(8000), 8000)
    assert silent is not None
    assert not silent.levels.any()
    assert compute_spectrogram(np.ones(100), 8000) is None


def test_a_long_sound_has_a_bounded_picture() -> None:
    found = compute_spectrogram(np.random.default_rng(0).normal(size=441_000), 44_100)
    assert found is not None
    assert found.levels.shape[1] < 700
    assert found.seconds == 10
    assert found.hertz == 22_050


@pytest.mark.parametrize("count", [1, 7, 50, 300])
def test_no_heat_is_lost_between_parts(count: int) -> None:
    heat = np.random.default_rng(1).normal(size=97)
    found = resample_heat(heat, count)
    assert len(found) == count
    assert set(found) <= set(heat)
    if count <= 97:
        assert np.abs(found).max() == np.abs(heat).max()
    else:
        assert set(found) == set(heat)
