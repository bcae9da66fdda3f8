"""The parts of a heat's picture as axes on a sheet: the input, its overlay, a curve, a spectrogram, the colour bar."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from striate.report.heats.exposures import Exposure
from striate.report.heats.overlays import colour_strokes, paint_band, paint_bar, paint_spectrogram, stroke_curve
from striate.report.heats.spectra import compute_spectrogram
from striate.report.picture import SMALL, Picture

Box = tuple[float, float, float, float]
"""Left, top, width and height, in inches from the sheet's upper left corner."""

BAND = 0.09
NIGHT = "#101214"  # the ground of curves: as on pictures, what is cold is dark


def place_pixels(picture: Picture, box: Box, pixels: NDArray[np.float64]) -> Axes:
    """Put colours [H, W, 3] there, cell (i, j) from (j, i) to (j + 1, i + 1)."""
    axes = _open(picture, box)
    extent = (0, pixels.shape[1], pixels.shape[0], 0)
    axes.imshow(np.clip(pixels, 0, 1), aspect="auto", extent=extent, interpolation="auto")
    return axes


def open_canvas(picture: Picture) -> Axes:
    """Axes over the whole sheet, in inches from its upper left corner; many pictures share them, for axes are dear."""
    axes = _open(picture, (0, 0, picture.width, picture.height))
    axes.patch.set_visible(False)
    axes.set(xlim=(0, picture.width), ylim=(picture.height, 0), autoscale_on=False)
    return axes


def paste_pixels(canvas: Axes, box: Box, pixels: NDArray[np.float64]) -> None:
    """Put colours [H, W, 3] there on a canvas."""
    left, top, width, height = box
    extent = (left, left + width, top + height, top)
    canvas.imshow(np.clip(pixels, 0, 1), aspect="auto", extent=extent, interpolation="auto")


def place_curve(picture: Picture, box: Box, exposure: Exposure) -> Axes:
    """Put a curve there, each channel in a lane of its own, coloured along by its heat; beneath it a band of heat."""
    axes = _open(picture, box)
    axes.set_facecolor(NIGHT)
    lanes, heat = exposure.grounds[0], exposure.heats[0]
    bottom = 1 - 2 * len(lanes)
    for number, lane in enumerate(lanes):
        strokes, heats = stroke_curve(lane, heat, max(40, round(80 * box[2])))
        strokes[..., 1] = 0.9 * strokes[..., 1] - 2 * number
        colours = [tuple(colour) for colour in colour_strokes(heats, signed=exposure.signed)]
        axes.add_collection(LineCollection(list(strokes), colors=colours, linewidths=1.4, capstyle="round"))
    deep = BAND * (1 - bottom) / box[3]
    band = paint_band(heat, signed=exposure.signed)
    axes.imshow(band, aspect="auto", extent=(0, len(heat), bottom - deep, bottom), interpolation="nearest")
    axes.set(xlim=(0, len(heat)), ylim=(bottom - deep, 1))
    return axes


def place_spectrogram(picture: Picture, box: Box, exposure: Exposure) -> Axes | None:
    """Put a sound's spectrogram there, each moment coloured by its heat; nothing where the sound is too short."""
    found = compute_spectrogram(exposure.grounds[0].mean(axis=0), exposure.rate) if exposure.rate else None
    if found is None:
        return None
    axes, cells, top = _open(picture, box), len(exposure.heats[0]), found.hertz / 1000
    pixels = paint_spectrogram(found, exposure.heats[0], signed=exposure.signed)
    axes.imshow(np.clip(pixels, 0, 1), origin="lower", aspect="auto", extent=(0, cells, 0, top))
    ticks = [tick for tick in MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(0, top) if 0 < tick < 0.95 * top]
    axes.yaxis.tick_right()
    axes.set_yticks(ticks, [f"{tick:g} kHz" for tick in ticks], fontsize=SMALL)
    return axes


def tick_along(axes: Axes, exposure: Exposure) -> None:
    """Write seconds below a curve where its rate is known, else cells."""
    cells, rate = len(exposure.heats[0]), exposure.rate or 1
    ticks = [tick for tick in MaxNLocator(6).tick_values(0, cells / rate) if 0 <= tick * rate <= 0.98 * cells]
    axes.set_xticks([tick * rate for tick in ticks], [f"{tick:g}{' s' * bool(exposure.rate)}" for tick in ticks])


def place_bar(picture: Picture, box: Box, exposure: Exposure) -> Axes:
    """Put the colour bar there with the heat's numbers: left as over a dark input, right as over a light one."""
    axes = _open(picture, box)
    axes.imshow(paint_bar(signed=exposure.signed), aspect="auto", extent=(0, 1, exposure.low, exposure.high))
    ticks = [exposure.low, 0.0, exposure.high] if exposure.signed else [exposure.low, exposure.high]
    axes.yaxis.tick_right()
    near = 1e-3 * max(abs(exposure.low), abs(exposure.high))
    axes.set_yticks(ticks, [f"{tick:.3g}" if abs(tick) > near else "0" for tick in ticks], fontsize=SMALL)
    return axes


def _open(picture: Picture, box: Box) -> Axes:
    left, top, width, height = box
    axes = picture.place(left, picture.height - top - height, width, height)
    axes.set_xticks([])
    axes.set_yticks([])
    return axes
