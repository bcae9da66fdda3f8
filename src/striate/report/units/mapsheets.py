"""What an input becomes, layer by layer: its feature maps with their real values, each layer by a scale of its own.

A series is drawn otherwise: channels by time, along lines of paper (`scrolls`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from numpy.typing import NDArray

from striate.explain.units.maps import LayerMaps, Maps
from striate.report.convolving.tones import write_value
from striate.report.numerals import write_shape
from striate.report.palette import INK, ORANGE, QUIET, RULE
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text
from striate.report.units.mapscales import choose_scale
from striate.report.units.mapstrips import draw_strips

# All in inches.
WIDTH, EDGE, HEAD, LINE = 8.6, 0.3, 0.85, 0.16
INSIDE = WIDTH - 2 * EDGE
BAR, SCALE = 0.12, 0.75  # the scale beside a layer, with its numbers
TITLE, LABEL, GAP, BLOCK = 0.42, 0.15, 0.08, 0.2
COLUMNS, HIGHEST, INPUT = 8, 1.6, 1.7
TILE = (INSIDE - SCALE - (COLUMNS - 1) * GAP) / COLUMNS


def draw_maps(found: Maps) -> Picture:
    """Draw the input, then the maps of a layer after the other, dead ones crossed out; of volumes the middle slices."""
    if found.input.ndim == 2:
        return draw_strips(found)
    with styled():
        notes = [line for note in (*found.notes, *_list_notes(found)) for line in wrap_text(note, INSIDE, SMALL)]
        heights = [_measure(layer) for layer in found.layers]
        top, given = HEAD, _fit(tuple(found.input.shape[1:]), INPUT)
        picture = Picture(WIDTH, HEAD + given + BLOCK + sum(heights) + LINE * len(notes) + EDGE)
        _write_head(picture, found)
        _draw_input(picture, found, top, given)
        top += given + BLOCK
        for layer, height in zip(found.layers, heights, strict=True):
            _draw_layer(picture, layer, top, height)
            top += height
        for number, line in enumerate(notes):
            picture.write(EDGE, top + number * LINE, line, SMALL, color=QUIET)
    return picture


def _write_head(picture: Picture, found: Maps) -> None:
    file = found.name.replace("\\", "/").rpartition("/")[2]
    title = f"{file} on its way through {found.network}"
    shape = write_shape(tuple(found.input.shape))
    below = f"The input of {shape}, then each layer's maps, with a scale of their real values."
    picture.write(EDGE, 0.2, shorten_text(title, INSIDE, LARGE), LARGE, color=INK)
    picture.write(EDGE, 0.52, shorten_text(below, INSIDE, PLAIN), PLAIN, color=QUIET)


def _list_notes(found: Maps) -> list[str]:
    return ["Of more than two axes the middle slices are shown."] * (found.input.ndim > 3)


def restore_input(found: Maps) -> NDArray[np.float64]:
    """The input before it was normalised; as it is where that isn't known."""
    values: NDArray[np.float64] = found.input.double().numpy()
    if len(found.mean) != len(values) or len(found.std) != len(values):
        return values
    shape = (-1, *[1] * (values.ndim - 1))
    return np.asarray(values * np.reshape(found.std, shape) + np.reshape(found.mean, shape))


def _draw_input(picture: Picture, found: Maps, top: float, height: float) -> None:
    values = take_plane(restore_input(found))
    if not found.mean and (values.min() < 0 or values.max() > 1):
        values = (values - values.min()) / ((values.max() - values.min()) or 1.0)
    shown = np.moveaxis(values, 0, -1) if len(values) == 3 else values.mean(axis=0)
    axes = picture.place(EDGE, picture.height - top - height, INPUT, height)
    _show(axes, np.clip(shown, 0, 1), "gray", Normalize(0, 1))


def take_plane(values: NDArray[Any]) -> NDArray[Any]:
    """The middle slices of [channels, *extents], until two axes are left."""
    while values.ndim > 3:
        values = values[:, values.shape[1] // 2]
    return values


def _fit(extents: tuple[int, ...], width: float) -> float:
    return float(min(HIGHEST, max(0.15, width * extents[-2] / extents[-1])))


def _measure(layer: LayerMaps) -> float:
    rows = math.ceil(len(layer.channels) / COLUMNS)
    return TITLE + rows * (_fit(tuple(layer.values.shape[1:]), TILE) + LABEL + GAP) + BLOCK


def describe_maps(layer: LayerMaps) -> tuple[str, str]:
    """A layer's heading, and what is to be known of its maps."""
    count, shown = layer.count, len(layer.channels)
    maps = f"{count} map{'s' * (count != 1)} of {' × '.join(map(str, layer.values.shape[1:]))}"
    parts = [f"values {write_value(layer.low)} to {write_value(layer.high)}"]
    if shown < count:
        parts.append(f"the {shown} that vary most" if shown > 1 else "one of them")
    parts += [f"{len(layer.dead)} dead (0 everywhere): {_list(layer.dead)}"] * bool(layer.dead)
    parts += [f"{len(layer.flat)} flat (one value everywhere): {_list(layer.flat)}"] * bool(layer.flat)
    return f"{layer.path}   {layer.kind}, {maps}", "; ".join(parts)


def _list(channels: tuple[int, ...]) -> str:
    return ", ".join(map(str, channels[:12])) + (", …" if len(channels) > 12 else "")


def _draw_layer(picture: Picture, layer: LayerMaps, top: float, height: float) -> None:
    title, below = describe_maps(layer)
    picture.write(EDGE, top, shorten_text(title, INSIDE, PLAIN), PLAIN, color=INK, weight="bold")
    picture.write(EDGE, top + 0.18, shorten_text(below, INSIDE, SMALL), SMALL, color=QUIET)
    tall = _fit(tuple(layer.values.shape[1:]), TILE)
    ramp, scale = choose_scale(layer)
    for place, channel in enumerate(layer.channels):
        left = EDGE + (place % COLUMNS) * (TILE + GAP)
        down = top + TITLE + (place // COLUMNS) * (tall + LABEL + GAP)
        axes = picture.place(left, picture.height - down - tall, TILE, tall)
        _show(axes, take_plane(layer.values[place : place + 1].numpy())[0], ramp, scale)
        state = "dead" if channel in layer.dead else "flat" if channel in layer.flat else ""
        if state:
            axes.plot([0, 1], [0, 1], color=ORANGE, linewidth=1.2, transform=axes.transAxes)
        picture.write(left, down + tall + 0.02, f"{channel} {state}".strip(), SMALL, color=ORANGE if state else QUIET)
    _draw_scale(picture, ramp, scale, top + TITLE, max(tall, 0.5))


def _show(axes: Axes, values: NDArray[Any], ramp: str | Colormap, scale: Normalize) -> None:
    smooth = "antialiased" if max(values.shape[:2]) > 96 else "nearest"
    style: Any = {"cmap": ramp, "norm": scale, "interpolation": smooth}
    axes.imshow(values, **style)
    axes.set_anchor("NW")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set(visible=True, color=RULE, linewidth=0.5)


def _draw_scale(picture: Picture, ramp: str | Colormap, scale: Normalize, top: float, height: float) -> None:
    """Which colour is which value, at the right of a layer."""
    low, high = float(scale.vmin or 0), float(scale.vmax or 1)
    axes = picture.place(WIDTH - EDGE - SCALE + 0.12, picture.height - top - height, BAR, height)
    style: Any = {"cmap": ramp, "aspect": "auto", "extent": (0, 1, low, high), "origin": "lower"}
    axes.imshow(np.linspace(0, 1, 256)[:, None], **style)
    ticks = [low, 0.0, high] if low < 0 else [low, high]
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.set_yticks(ticks, [write_value(tick) for tick in ticks])
