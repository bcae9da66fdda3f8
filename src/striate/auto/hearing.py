"""Chooses how recordings may be changed in training without changing what is heard in them."""

from __future__ import annotations

from striate.data import Facts
from striate.train import Augment

SHIFT_SECONDS, SHIFT_SHARE = 0.05, 0.1
GAIN_DECIBELS = 6.0
NOISE = 0.02  # of full scale: 33 dB below the largest sample of a levelled recording
CELLS, BRIGHTNESS = 3, 0.04  # of a spectrogram; 80 dB are its whole range


def choose_sound_augment(facts: Facts) -> tuple[Augment, tuple[str, ...]]:
    """Choose shifts, gain and noise for waveforms; shifts, loudness and noise for spectrograms."""
    if len(facts.extents) == 1:
        length, rate = facts.extents[0], facts.rate or 1.0
        shift = max(1, round(min(SHIFT_SECONDS * rate, SHIFT_SHARE * length)))
        return Augment(shift=shift, gain=GAIN_DECIBELS, noise=NOISE), (
            f"shifts of up to {1000 * shift / rate:.3g} ms: where a recording begins means nothing",
            f"louder and softer by up to {GAIN_DECIBELS:g} dB, and white noise of up to {NOISE:g} of full scale: "
            "rooms and microphones differ",
        )
    cells = min(CELLS, max(1, min(facts.extents) // 16))
    return Augment(shift=cells, brightness=BRIGHTNESS, noise=BRIGHTNESS), (
        f"shifts of up to {cells} frames and bands: where a recording begins means nothing, and voices differ",
        f"louder and softer by up to {80 * BRIGHTNESS:.2g} dB, and as much noise: rooms and microphones differ",
    )
