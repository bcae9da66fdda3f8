"""The kernels of a network's convolutions, layer by layer: zero is mid-grey, and one scale holds for a layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from striate.explain.units.kernels import Kernels, LayerKernels
from striate.report.convolving.tones import write_value
from striate.report.palette import INK, QUIET, RULE
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text
from striate.report.units.kernelcurves import draw_curves, measure_curves

# All in inches.
WIDTH, EDGE, HEAD, LINE = 8.6, 0.3, 0.85, 0.16
INSIDE = WIDTH - 2 * EDGE
TITLE, LABEL, GAP, BLOCK = 0.42, 0.15, 0.1, 0.15
FEWEST, MOST = 8, 12  # tiles beside each other
MOST_SLICES, SLICE = 8, 0.36
CELL, HIGHEST = 0.16, 3.0


@dataclass(frozen=True)
class Block:
    """A layer's room, and what draws into it; the axes are in inches, from their upper left corner."""

    layer: LayerKernels
    height: float
    draw: Callable[[Axes, LayerKernels], None]


def draw_kernel_sheet(found: Kernels) -> Picture:
    """Draw a layer after the other: colours or grey, of one axis curves with their responses, of three slices."""
    blocks = [plan_block(layer) for layer in found.layers]
    with styled():
        notes = [line for note in found.notes for line in wrap_text(note, 0.95 * INSIDE, SMALL)]
        rest = sum(TITLE + block.height + BLOCK for block in blocks)
        picture = Picture(WIDTH, HEAD + rest + LINE * len(notes) + EDGE)
        title, below = _write_head(found)
        picture.write(EDGE, 0.2, shorten_text(title, INSIDE, LARGE), LARGE, color=INK)
        picture.write(EDGE, 0.52, shorten_text(below, INSIDE, PLAIN), PLAIN, color=QUIET)
        top = HEAD
        for block in blocks:
            _draw_block(picture, block, top)
            top += TITLE + block.height + BLOCK
        for number, line in enumerate(notes):
            picture.write(EDGE, top + number * LINE, line, SMALL, color=QUIET)
    return picture


def plan_block(layer: LayerKernels) -> Block:
    """How a layer is drawn, and how high that is."""
    if layer.matrix:
        return Block(layer, _measure_cells(layer)[1] + LABEL, _draw_matrix)
    if layer.values.ndim == 3:
        return Block(layer, measure_curves(layer), draw_curves)
    columns, _, height = _measure_tiles(layer)
    return Block(layer, math.ceil(len(layer.units) / columns) * (height + LABEL + GAP), _draw_tiles)


def _write_head(found: Kernels) -> tuple[str, str]:
    axes = {layer.values.ndim for layer in found.layers if not layer.matrix}
    grey = "zero lies on the line" if axes == {3} else "mid-grey is 0"
    said = f"One scale for a layer; {grey}. A ← B: unit A, by the channel B of its input that weighs most in it (L2)."
    return f"Kernels of {found.name}", said


def _draw_block(picture: Picture, block: Block, top: float) -> None:
    layer = block.layer
    title, below = describe_layer(layer)
    picture.write(EDGE, top, shorten_text(title, INSIDE, PLAIN), PLAIN, color=INK, weight="bold")
    picture.write(EDGE, top + 0.18, shorten_text(below, INSIDE, SMALL), SMALL, color=QUIET)
    axes = picture.place(EDGE, picture.height - top - TITLE - block.height, INSIDE, block.height)
    axes.set(xlim=(0, INSIDE), ylim=(block.height, 0), xticks=[], yticks=[])
    axes.patch.set_visible(False)
    block.draw(axes, layer)


def describe_layer(layer: LayerKernels) -> tuple[str, str]:
    """A layer's heading, and how its pictures are to be read."""
    size = "one cell" if layer.matrix else " × ".join(map(str, layer.values.shape[2:]))
    channels = f"{layer.seen} channels" if layer.seen > 1 else "one channel"
    title = f"{layer.path}   {layer.kind} of {size}, {layer.count} units, each sees {channels}"
    scale = write_value(layer.scale)
    parts = [f"largest weight {scale}" if layer.values.ndim == 3 else f"black −{scale}, white {scale}"]
    if layer.coloured:
        parts.append("the three channels as red, green and blue")
    if layer.matrix:
        more = f"the {layer.values.shape[1]} strongest channels" if layer.values.shape[1] < layer.seen else "channels"
        parts.append(f"a column for each unit, {more} downwards")
    if layer.sorted:
        parts.append(f"the {len(layer.units)} units with the largest kernels, the largest first")
    if layer.values.ndim > 4 and not layer.matrix:
        parts.append("slices along the first axis, left to right")
    if layer.responses is not None:
        parts.append(f"below each curve how much of a frequency comes through, {_say_frequencies(layer)}")
    return title, "; ".join(parts)


def _say_frequencies(layer: LayerKernels) -> str:
    return f"from 0 to {layer.rate / 2:,.0f} Hz" if layer.rate else "from 0 to half a cycle per cell of its input"


def label_unit(layer: LayerKernels, place: int) -> str:
    """What stands below a tile: the unit, and the channel by which it is shown."""
    unit = layer.units[place]
    return f"{unit} ← {layer.source[place]}" if layer.source and layer.seen > 1 else str(unit)


def _measure_tiles(layer: LayerKernels) -> tuple[int, float, float]:
    """How many stand beside each other, and how wide and high each is."""
    rows, columns = layer.values.shape[-2:]
    slices = _count_slices(layer)
    if slices > 1:
        width = slices * SLICE
        return max(1, int((INSIDE + GAP) / (width + 2 * GAP))), width, min(1.2, SLICE * rows / columns)
    count = min(MOST, max(FEWEST, len(layer.units)))
    width = (INSIDE - (count - 1) * GAP) / count
    return count, width, min(1.6 * width, max(0.12, width * rows / columns))


def _count_slices(layer: LayerKernels) -> int:
    return min(MOST_SLICES, layer.values.shape[-3]) if layer.values.ndim > 4 else 1


def _draw_tiles(axes: Axes, layer: LayerKernels) -> None:
    count, width, height = _measure_tiles(layer)
    for place in range(len(layer.units)):
        left = (place % count) * (width + (2 if _count_slices(layer) > 1 else 1) * GAP)
        top = (place // count) * (height + LABEL + GAP)
        for number, tile in enumerate(_cut(layer, place)):
            wide = width / _count_slices(layer)
            start = left + number * wide
            _show(axes, tile, (start, top, wide - 0.03 * (_count_slices(layer) > 1), height))
        _label(axes, left, top + height, label_unit(layer, place), width)


def _cut(layer: LayerKernels, place: int) -> list[Any]:
    """One unit's tiles, [height, width(, 3)] from 0 to 1; of more than three axes the first ones at their middle."""
    shown = 0.5 + 0.5 * layer.values[place].numpy() / (layer.scale or 1.0)
    while shown.ndim > 4:
        shown = shown[:, shown.shape[1] // 2]
    slices = [shown] if shown.ndim == 3 else [shown[:, depth] for depth in range(min(MOST_SLICES, shown.shape[1]))]
    return [np.moveaxis(tile, 0, -1) if len(tile) == 3 else tile[0] for tile in slices]


def _show(axes: Axes, tile: Any, place: tuple[float, float, float, float]) -> None:
    left, top, width, height = place
    style: Any = {"cmap": "gray", "vmin": 0, "vmax": 1, "aspect": "auto", "interpolation": "nearest"}
    axes.imshow(np.clip(tile, 0, 1), extent=(left, left + width, top + height, top), **style)
    x, y = [left, left + width, left + width, left, left], [top, top, top + height, top + height, top]
    axes.plot(x, y, color=RULE, linewidth=0.6, clip_on=False)
    axes.set(xlim=(0, INSIDE), ylim=(axes.get_ylim()[0], 0))


def _label(axes: Axes, left: float, top: float, text: str, width: float) -> None:
    style: Any = {"va": "top", "ha": "left", "color": QUIET, "parse_math": False}
    axes.text(left, top + 0.025, shorten_text(text, width + GAP, SMALL), fontsize=SMALL, **style)


def _measure_cells(layer: LayerKernels) -> tuple[float, float]:
    """The width of all units of a matrix side by side, and the height of their channels."""
    units, channels = layer.values.shape
    cell = min(CELL, INSIDE / units)
    return cell * units, min(HIGHEST, cell * channels)


def _draw_matrix(axes: Axes, layer: LayerKernels) -> None:
    tile = 0.5 + 0.5 * layer.values.numpy().T / (layer.scale or 1.0)
    _show(axes, tile, (0, 0, *_measure_cells(layer)))
