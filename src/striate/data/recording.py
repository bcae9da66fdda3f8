"""A recording made ready for a network: its channels mixed, its rate changed, levelled, cut or padded, in 16 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from striate.data.hearing import LEAST_SECONDS, LEVELS, Hearing
from striate.data.levels import quantise
from striate.data.mel import draw_spectrogram
from striate.data.part import Inputs
from striate.data.sound import Floats

PEAK = 0.9  # of full scale, for the largest sample of each recording
SILENCE = 1e-4  # a recording that never goes beyond this is silent: 80 dB below full scale

Samples = NDArray[np.int16]


def prepare_sound(values: Floats, rate: int, hearing: Hearing, channels: int = 1) -> Inputs:
    """Bring a recording to the rate, length and view of a set.

    Shape:  float32 [any channels, samples] -> int16 [channels, length], or uint8 [channels, mels, frames].
    Raises: ValueError for one that is too short.
    """
    fitted = fit_length(level_peak(listen(values, rate, hearing.rate, channels)), hearing.length)
    return render(fitted, hearing)


def render(samples: Floats, hearing: Hearing) -> Inputs:
    """Give samples the form of the view.

    Shape: float32 [channels, length] -> int16 [channels, length], uint8 of levels, or uint8 [channels, mels, frames].
    """
    if hearing.view == "waveform":
        return to_integers(samples)
    if hearing.view == LEVELS:
        return quantise(samples)
    return draw_spectrogram(samples, hearing.rate, hearing.window, hearing.hop, hearing.mels)


def listen(values: Floats, rate: int, wanted: int, channels: int = 1) -> Floats:
    """Mix a recording to some channels and change its rate.

    Raises: ValueError for one that is too short to be heard.
    """
    if values.shape[1] < LEAST_SECONDS * rate:
        count = f"{values.shape[1]:,} sample{'s' if values.shape[1] != 1 else ''}"
        raise ValueError(f"{count}, which is below {1000 * LEAST_SECONDS:g} ms")
    return resample(mix_channels(values, channels), rate, wanted)


def mix_channels(values: Floats, channels: int) -> Floats:
    """Keep channels that are as many as wanted; else take their mean, and repeat it.

    >>> mix_channels(np.array([[0.0, 1.0], [1.0, 1.0]], np.float32), 1)
    array([[0.5, 1. ]], dtype=float32)
    """
    if len(values) == channels:
        return values
    mixed: Floats = np.repeat(values.mean(0, keepdims=True, dtype=np.float32), channels, axis=0)
    return mixed


def resample(values: Floats, rate: int, wanted: int) -> Floats:
    """Change the rate by a band-limited filter (soxr, high quality): what lies above half of either rate is gone.

    Shape: float32 [channels, samples] -> [channels, about samples * wanted / rate].
    """
    if rate == wanted:
        return values
    import soxr

    changed = soxr.resample(np.ascontiguousarray(values.T), rate, wanted, quality="HQ")
    return np.ascontiguousarray(changed.T, dtype=np.float32)


def level_peak(values: Floats) -> Floats:
    """Scale a recording so that its largest sample is at 0.9 of full scale; what is silent stays silent.

    >>> level_peak(np.array([[0.0, -0.5, 0.25]], np.float32))
    array([[ 0.  , -0.9 ,  0.45]], dtype=float32)
    """
    peak = float(np.abs(values).max(initial=0.0))
    return values * np.float32(PEAK / peak) if peak > SILENCE else np.zeros_like(values)


def fit_length(values: Floats, length: int) -> Floats:
    """Pad a recording with silence at its end, or keep the stretch of `length` samples that has the most power.

    >>> fit_length(np.array([[0, 0, 3, 0.5, 2, 0]], np.float32), 3)
    array([[3. , 0.5, 2. ]], dtype=float32)
    """
    found = values.shape[1]
    if found <= length:
        return np.pad(values, ((0, 0), (0, length - found)))
    power = np.concatenate([[0.0], np.cumsum((values.astype(np.float64) ** 2).sum(0))])
    start = int(np.argmax(power[length:] - power[:-length]))
    return values[:, start : start + length]


def to_integers(values: Floats) -> Samples:
    """Round -1..1 to 16 bits, of which 32,768 would be 1; what lies beyond is cut off.

    >>> to_integers(np.array([0.5, -1.0, 1.0], np.float32))
    array([ 16384, -32768,  32767], dtype=int16)
    """
    samples: Samples = np.clip(np.rint(values * np.float32(32768)), -32768, 32767).astype(np.int16)
    return samples
