"""A series on its way through a network: each layer's channels by time, as strips that wrap into lines of paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from striate.explain.units.maps import LayerMaps, Maps
from striate.report.convolving.waves import draw_waves
from striate.report.palette import BLUE, INK, ORANGE, QUIET, RULE
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, measure_width, shorten_text, styled, wrap_text
from striate.report.units.mapscales import choose_scale, describe_scale

# All in inches.
WIDTH, EDGE, HEAD, LINE = 8.6, 0.3, 0.85, 0.16
INSIDE = WIDTH - 2 * EDGE
WAVE, GAP, TICKS, FOOT = 0.45, 0.05, 0.35, 0.2
LEAST, MOST, ROW = 0.14, 0.8, 0.045  # a strip's height, and a channel's
CELLS, MOST_LINES = 16_000, 6  # of the input along a line
NAMES = 1.5


@dataclass(frozen=True)
class Span:
    """A stretch of the input, as shares of its length."""

    start: float
    stop: float

    def cut(self, values: NDArray[Any]) -> NDArray[Any]:
        """What of [channels, cells] lies within it, at least one cell."""
        first, last = (round(share * values.shape[1]) for share in (self.start, self.stop))
        return values[:, min(first, values.shape[1] - 1) : max(last, first + 1)]


def draw_strips(found: Maps) -> Picture:
    """Draw line after line of the input: its wave, and below it each layer's channels, brought to the same length."""
    lines = min(MOST_LINES, math.ceil(found.input.shape[1] / CELLS))
    spans = [Span(number / lines, (number + 1) / lines) for number in range(lines)]
    heights = [min(MOST, max(LEAST, ROW * len(layer.channels))) for layer in found.layers]
    row = WAVE + sum(heights) + GAP * len(heights) + TICKS
    with styled():
        notes = [line for note in _write_notes(found) for line in wrap_text(note, INSIDE, SMALL)]
        picture = Picture(WIDTH, HEAD + row * lines + FOOT + LINE * len(notes) + EDGE)
        _write_head(picture, found)
        for number, span in enumerate(spans):
            _draw_line(picture, found, span, HEAD + number * row, heights)
        for number, line in enumerate(notes):
            picture.write(EDGE, HEAD + row * lines + FOOT + number * LINE, line, SMALL, color=QUIET)
    return picture


def _write_head(picture: Picture, found: Maps) -> None:
    file = found.name.replace("\\", "/").rpartition("/")[2]
    length = found.input.shape[1]
    lasts = f"{length / found.rate:.3g} s at {found.rate:,} Hz" if found.rate else f"{length:,} cells"
    title = f"{file} on its way through {found.network}"
    below = f"{lasts}; below the wave each layer's channels, one above the other, brought to the input's length."
    picture.write(EDGE, 0.2, shorten_text(title, INSIDE, LARGE), LARGE, color=INK)
    picture.write(EDGE, 0.52, shorten_text(below, INSIDE, PLAIN), PLAIN, color=QUIET)


def _write_notes(found: Maps) -> list[str]:
    return [*found.notes, *(describe_strip(layer) for layer in found.layers)]


def describe_strip(layer: LayerMaps) -> str:
    """A layer in a line: its maps, the values behind the colours, and what is dead in it."""
    shown = f", the {len(layer.channels)} that vary most" * (len(layer.channels) < layer.count)
    dead = f"; dead (0 everywhere): {', '.join(map(str, layer.dead[:12]))}" * bool(layer.dead)
    flat = f"; flat: {', '.join(map(str, layer.flat[:12]))}" * bool(layer.flat)
    cells = layer.values.shape[1]
    maps = f"{layer.count} maps of {cells:,} cells{shown}"
    return f"{layer.path} ({layer.kind}): {maps}; {describe_scale(layer)}{dead}{flat}."


def _draw_line(picture: Picture, found: Maps, span: Span, top: float, heights: list[float]) -> None:
    names = min(
        NAMES, 0.12 + max(measure_width(name, SMALL) for name in ("input", *(layer.path for layer in found.layers)))
    )
    left, wide = EDGE + names, INSIDE - names
    wave = picture.place(left, picture.height - top - WAVE, wide, WAVE)
    values = found.input.numpy()
    draw_waves(wave, span.cut(values), None, BLUE)
    most = float(np.abs(values).max(initial=0)) or 1.0
    wave.set(xlim=(0, max(span.cut(values).shape[1] - 1, 1)), ylim=(-most, most), xticks=[], yticks=[])
    picture.write(EDGE, top + WAVE / 2 - 0.06, "input", SMALL, color=QUIET)
    down = top + WAVE
    for layer, height in zip(found.layers, heights, strict=True):
        down += GAP
        axes = picture.place(left, picture.height - down - height, wide, height)
        show_strip(axes, layer, span)
        name = shorten_text(layer.path, names - 0.05, SMALL)
        picture.write(EDGE, down + height / 2 - 0.06, name, SMALL, color=ORANGE if layer.dead else QUIET)
        down += height
    _draw_ticks(axes, found, span)


def show_strip(axes: Axes, layer: LayerMaps, span: Span) -> None:
    """Draw channels by time, of a long stretch the strongest value under each point."""
    values = reduce_strip(span.cut(layer.values.numpy()), 1600)
    ramp, scale = choose_scale(layer)
    style: Any = {"cmap": ramp, "norm": scale, "aspect": "auto"}
    axes.imshow(values, extent=(0, 1, len(values), 0), interpolation="nearest", **style)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set(visible=True, color=RULE, linewidth=0.5)


def reduce_strip(values: NDArray[Any], most: int) -> NDArray[Any]:
    """[channels, cells] in at most so many columns: of each the value that is farthest from 0.

    >>> reduce_strip(np.array([[1, -3, 2, 0]]), 2).tolist()
    [[-3, 2]]
    """
    if values.shape[1] <= most:
        return values
    edges = np.linspace(0, values.shape[1], most + 1).astype(np.int64)[:-1]
    lows, highs = np.minimum.reduceat(values, edges, axis=1), np.maximum.reduceat(values, edges, axis=1)
    return np.asarray(np.where(-lows > highs, lows, highs))


def _draw_ticks(axes: Axes, found: Maps, span: Span) -> None:
    """Seconds, or cells, below the last strip."""
    length = found.input.shape[1] / (found.rate or 1)
    ticks = np.linspace(0, 1, 5)
    places = [(span.start + tick * (span.stop - span.start)) * length for tick in ticks]
    axes.set_xticks(ticks, [f"{place:.3g} s" if found.rate else f"{place:,.0f}" for place in places])
