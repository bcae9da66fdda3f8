"""A recording made ready: resampling against a polyphase filter of scipy's, the loudest stretch against every other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from striate.data.hearing import Hearing
from striate.data.recording import fit_length, level_peak, listen, mix_channels, prepare_sound, resample, to_integers


@pytest.mark.parametrize(("rate", "wanted"), [(16_000, 8000), (8000, 16_000), (44_100, 8000), (48_000, 16_000)])
def test_tones_are_resampled_as_by_a_polyphase_filter(rate: int, wanted: int) -> None:
    times = np.arange(rate // 2) / rate
    tone = (np.sin(2 * np.pi * 440 * times) + 0.5 * np.sin(2 * np.pi * 1900 * times)).astype(np.float32)
    found = resample(tone[None], rate, wanted)
    factor = int(np.gcd(rate, wanted))
    other = resample_poly(tone.astype(np.float64), wanted // factor, rate // factor)
    assert abs(found.shape[1] - len(other)) <= 1
    inner = slice(300, min(found.shape[1], len(other)) - 300)  # both filters ring at the ends
    assert np.abs(found[0, inner] - other[inner]).max() < 0.01


def test_what_lies_above_half_of_the_rate_is_gone() -> None:
    tone = np.sin(2 * np.pi * 6000 * np.arange(16_000) / 16_000).astype(np.float32)
    assert np.abs(resample(tone[None], 16_000, 8000)[0, 200:-200]).max() < 1e-3


def test_channels_are_mixed_and_kept() -> None:
    stereo = np.array([[1.0, 0.0], [0.0, 0.5]], np.float32)
    assert mix_channels(stereo, 1).tolist() == [[0.5, 0.25]]
    assert mix_channels(stereo, 2) is stereo
    assert mix_channels(stereo[:1], 3).tolist() == [[1.0, 0.0]] * 3


@pytest.mark.parametrize("length", [1, 7, 30])
def test_the_loudest_stretch_is_kept(length: int) -> None:
    values = np.random.default_rng(length).normal(size=(2, 40)).astype(np.float32)
    powers = [float((values[:, n : n + length].astype(np.float64) ** 2).sum()) for n in range(41 - length)]
    assert (fit_length(values, length) ** 2).sum() == pytest.approx(max(powers), rel=1e-5)


def test_short_ones_end_in_silence() -> None:
    fitted = fit_length(np.ones((1, 3), np.float32), 5)
    assert fitted.tolist() == [[1, 1, 1, 0, 0]]


def test_levels() -> None:
    quiet = np.array([[0.001, -0.002]], np.float32)
    assert np.abs(level_peak(quiet)).max() == pytest.approx(0.9)
    assert not level_peak(quiet / np.float32(100)).any()  # silence isn't blown up
    assert to_integers(np.array([9.0, -9.0, 1e-9], np.float32)).tolist() == [32767, -32768, 0]


@pytest.mark.parametrize("samples", [0, 1, 79])
def test_what_is_too_short_is_refused(samples: int) -> None:
    with pytest.raises(ValueError, match="below 10 ms"):
        listen(np.ones((1, samples), np.float32), 8000, 16_000)


def test_prepared_in_both_views() -> None:
    values = np.random.default_rng(0).normal(size=(2, 16_000)).astype(np.float32)
    wave = prepare_sound(values, 16_000, Hearing(8000, 4000))
    assert wave.shape == (1, 4000)
    assert wave.dtype == np.int16
    drawn = prepare_sound(values, 16_000, Hearing(8000, 4000, "spectrogram", 24, 256, 80))
    assert drawn.shape == (1, 24, 50)
    assert drawn.dtype == np.uint8
