"""The mel matrix against triangles drawn by loops, and the spectrogram against transforms worked out by their sums."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest

from striate.data.mel import choose_mels, draw_spectrogram, make_mel_matrix, to_hertz, to_mel


@pytest.mark.parametrize(("rate", "window", "mels"), [(8000, 64, 5), (16_000, 128, 9), (44_100, 256, 16)])
def test_the_matrix_is_triangles(rate: int, window: int, mels: int) -> None:
    top = 2595 * math.log10(1 + rate / 2 / 700)
    corners = [700 * (10 ** (top * k / (mels + 1) / 2595) - 1) for k in range(mels + 2)]
    found = make_mel_matrix(rate, window, mels)
    assert found.shape == (mels, window // 2 + 1)
    for band in range(mels):
        low, middle, high = corners[band : band + 3]
        for place in range(window // 2 + 1):
            hertz = place * rate / window
            height = 0.0
            if low <= hertz <= middle:
                height = (hertz - low) / (middle - low)
            elif middle < hertz <= high:
                height = (high - hertz) / (high - middle)
            assert found[band, place] == pytest.approx(height, abs=1e-9)


def test_mel_and_hertz_undo_each_other() -> None:
    hertz = np.array([0.0, 55.0, 440.0, 8000.0])
    assert np.allclose(to_hertz(to_mel(hertz)), hertz)
    assert (np.diff(to_mel(hertz)) > 0).all()


@pytest.mark.parametrize(("rate", "window"), [(8000, 256), (16_000, 512), (44_100, 2048), (8000, 16)])
def test_no_band_is_empty(rate: int, window: int) -> None:
    matrix = make_mel_matrix(rate, window, choose_mels(rate, window))
    assert (matrix.sum(1) > 0).all()


def test_a_spectrogram_is_the_sums_of_its_frames() -> None:
    rate, window, hop, mels = 8000, 32, 12, 4
    samples = np.random.default_rng(0).uniform(-1, 1, (2, 50)).astype(np.float32)
    found = draw_spectrogram(samples, rate, window, hop, mels)
    assert found.shape == (2, mels, 5)
    hann = [0.5 - 0.5 * math.cos(2 * math.pi * n / window) for n in range(window)]
    matrix = make_mel_matrix(rate, window, mels)
    for channel in range(2):
        for frame in range(5):
            places = [frame * hop + n - window // 2 for n in range(window)]
            piece = [float(samples[channel, p]) if 0 <= p < 50 else 0.0 for p in places]
            power = []
            for k in range(window // 2 + 1):
                terms = (piece[n] * hann[n] * cmath.exp(-2j * math.pi * k * n / window) for n in range(window))
                power.append(abs(2 * sum(terms) / sum(hann)) ** 2)
            for band in range(mels):
                decibels = 10 * math.log10(max(sum(m * p for m, p in zip(matrix[band], power, strict=True)), 1e-8))
                wanted = min(255.0, max(0.0, 255 * (1 + decibels / 80)))
                assert abs(int(found[channel, mels - 1 - band, frame]) - wanted) <= 0.51


def test_a_tone_lights_its_own_band_and_silence_none() -> None:
    rate, window, mels = 16_000, 512, 40
    corners = to_hertz(np.linspace(0, float(to_mel(rate / 2)), mels + 2))
    for band in (5, 20, 35):
        tone = np.sin(2 * np.pi * corners[band + 1] * np.arange(4000) / rate, dtype=np.float64).astype(np.float32)
        drawn = draw_spectrogram(tone[None], rate, window, 160, mels)[0, :, 12]
        assert mels - 1 - int(drawn.argmax()) == band
        assert drawn.max() > 245
    assert not draw_spectrogram(np.zeros((1, 400), np.float32), rate, window, 160, mels).any()
