"""Heat laid over what it belongs to, as plain numbers: pixels for pictures, coloured strokes for curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from striate.report.heats.exposures import Exposure
from striate.report.heats.ramps import lay_over
from striate.report.heats.spectra import Spectrogram, resample_heat

Floats = NDArray[np.float64]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue, ITU-R BT.709
STROKES = 700  # of a curve


def paint_input(exposure: Exposure, frame: int) -> Floats:
    """The input itself as colours [H, W, 3]."""
    ground = exposure.grounds[frame]
    return ground if ground.ndim == 3 else np.repeat(ground[..., None], 3, axis=-1)


def paint_heat(exposure: Exposure, frame: int) -> Floats:
    """The heat over the input, which is dimmed and grey, as colours [H, W, 3]."""
    ground = exposure.grounds[frame]
    grey = ground @ LUMINANCE if ground.ndim == 3 else ground
    return lay_over(grey, exposure.heats[frame], signed=exposure.signed)


def paint_bar(*, signed: bool, steps: int = 200) -> Floats:
    """The colours that heat takes, [steps, 32, 3], the hottest first: left over black, right over white."""
    heat = np.linspace(1, -1 if signed else 0, steps)[:, None]
    return lay_over(np.broadcast_to(np.linspace(0, 1, 32), (steps, 32)), np.repeat(heat, 32, axis=1), signed=signed)


def paint_spectrogram(spectrogram: Spectrogram, heat: Floats, *, signed: bool) -> Floats:
    """A spectrogram as colours [frequencies, moments, 3], the lowest frequency first, each moment with its heat."""
    levels = spectrogram.levels
    moments = resample_heat(heat, levels.shape[1])
    return lay_over(levels, np.broadcast_to(moments, levels.shape), signed=signed)


def paint_band(heat: Floats, *, signed: bool) -> Floats:
    """The heat of a curve alone, as a band of colours [1, moments, 3]."""
    moments = resample_heat(heat, min(len(heat), 2 * STROKES))
    return lay_over(np.zeros_like(moments), moments, signed=signed)[None]


def stroke_curve(lane: Floats, heat: Floats, most: int = STROKES) -> tuple[Floats, Floats]:
    """A curve as strokes [count, 2, 2] of (x, y), x in cells and y the curve's own, and the heat of each.

    A curve longer than 2 * `most` becomes upright strokes, from the lowest to the highest value within each part.
    """
    count = len(lane)
    if count <= 2 * most:
        points = np.stack([np.arange(count) + 0.5, lane], axis=1)
        if count == 1:
            points = np.array([[0.0, lane[0]], [1.0, lane[0]]])
        ends = np.stack([points[:-1], points[1:]], axis=1)
        return ends, resample_heat(heat, count)[: len(ends)]
    starts = (np.arange(most) * count) // most
    low, high = np.minimum.reduceat(lane, starts), np.maximum.reduceat(lane, starts)
    low[1:], high[1:] = np.minimum(low[1:], high[:-1]), np.maximum(high[1:], low[:-1])  # no gap to the stroke before
    x = (starts + np.append(starts[1:], count)) / 2
    return np.stack([np.stack([x, low], axis=1), np.stack([x, high], axis=1)], axis=1), resample_heat(heat, most)


def colour_strokes(heat: Floats, *, signed: bool) -> Floats:
    """The colours [count, 3] of strokes: a quiet grey where they are cold."""
    return lay_over(np.ones_like(heat), heat, signed=signed)
