"""The patches that a unit likes as a square of tiles, and beside it a square of what it saw in them."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from striate.explain.heat import Patches
from striate.report.convolving.waves import trace_envelope
from striate.report.heats.exposures import stretch
from striate.report.palette import BLUE, ORANGE, RULE
from striate.report.picture import Picture
from striate.report.pixels import merge_channels, take_middle

Floats = NDArray[np.float64]
AIR, BETWEEN = 0.06, 0.12  # between tiles, as a share of a tile; between the squares, in inches
CURVE, POINTS = 0.3, 300  # a curve's height against its width; how many points it has across
FLATTEST, TALLEST = 4.0, 2.0  # a patch past so many times wider than high, or higher than wide, is out of proportion


def measure_tiles(patches: Patches, width: float) -> float:
    """How high a unit's tiles are, in inches, when they are so wide together."""
    columns, rows = lay_tiles(len(patches.inputs))
    return rows * measure_square(patches, width) / columns * find_shape(patches)


def measure_square(patches: Patches, width: float) -> float:
    """How wide a unit's patches are alone, in inches."""
    return width if patches.projections is None else (width - BETWEEN) / 2


def lay_tiles(count: int) -> tuple[int, int]:
    """How many tiles stand side by side and below one another.

    >>> lay_tiles(9), lay_tiles(5), lay_tiles(1)
    ((3, 3), (3, 2), (1, 1))
    """
    columns = max(1, ceil(sqrt(count)))
    return columns, max(1, ceil(count / columns))


def find_shape(patches: Patches) -> float:
    """A tile's height against its width."""
    if patches.inputs.ndim == 3:
        return CURVE
    height, width = patches.inputs.shape[-2:]
    return min(max(height / width, 1 / FLATTEST), TALLEST)


def place_tiles(
    picture: Picture,
    left: float,
    top: float,
    width: float,
    patches: Patches,
    mean: tuple[float, ...] = (),
    std: tuple[float, ...] = (),
) -> None:
    """Draw a unit's patches left and, where made, its projections right, together so wide, at a place from the top.

    Series are curves, pictures are as they were before `mean` and `std` normalised them, volumes show their middle
    slice. Each projection has a scale of its own, in which grey (of a curve the rule) is 0.
    """
    square, height = measure_square(patches, width), measure_tiles(patches, width)
    parts = [(restore(patches.inputs.double().numpy(), mean, std), False)]
    if patches.projections is not None:
        parts.append((scale_each(patches.projections.double().numpy()), True))
    for number, (tiles, signed) in enumerate(parts):
        place = left + number * (square + BETWEEN)
        axes = picture.place(place, picture.height - top - height, square, height)
        _fill(axes, tiles, signed=signed)


def restore(patches: Floats, mean: tuple[float, ...], std: tuple[float, ...]) -> Floats:
    """Patches [count, channels, *extents] from 0 to 1: as before they were normalised, else stretched."""
    if patches.ndim == 3 or not {len(mean), len(std)} <= {1, patches.shape[1]}:
        return stretch(patches)
    shift, scale = (np.array(each).reshape(1, -1, *[1] * (patches.ndim - 2)) for each in (mean, std))
    return np.asarray(np.clip(patches * scale + shift, 0, 1), np.float64)


def scale_each(projections: Floats) -> Floats:
    """Each projection from 0 to 1 by its own largest magnitude, 0 at 1/2.

    >>> scale_each(np.array([[[2.0, -1.0]], [[0.0, 0.0]]])).tolist()
    [[[1.0, 0.25]], [[0.5, 0.5]]]
    """
    largest = np.abs(projections).reshape(len(projections), -1).max(axis=1)
    divisor = np.where(largest > 0, largest, 1.0).reshape(-1, *[1] * (projections.ndim - 1))
    return 0.5 + projections / divisor / 2


def _fill(axes: Axes, tiles: Floats, *, signed: bool) -> None:
    """Draw tiles in rows, each in a square of one unit of the axes; all in one, for axes are costly."""
    columns, rows = lay_tiles(len(tiles))
    for number, tile in enumerate(tiles):
        left, top = number % columns + AIR / 2, number // columns + AIR / 2
        if tile.ndim == 2:
            _draw_curves(axes, tile, left, top, signed=signed)
        else:
            style: Any = {"cmap": "gray", "vmin": 0, "vmax": 1, "interpolation": "nearest", "aspect": "auto"}
            box = (left, left + 1 - AIR, top + 1 - AIR, top)
            axes.imshow(merge_channels(take_middle(tile, 2)), extent=box, **style)
        axes.add_patch(Rectangle((left, top), 1 - AIR, 1 - AIR, fill=False, edgecolor=RULE, linewidth=0.5))
    axes.set(xlim=(0, columns), ylim=(rows, 0), xticks=[], yticks=[])
    axes.set_facecolor("none")


def _draw_curves(axes: Axes, tile: Floats, left: float, top: float, *, signed: bool) -> None:
    """Channels from 0 to 1 as curves in one tile, a little within it."""
    if signed:
        axes.plot((left, left + 1 - AIR), (top + (1 - AIR) / 2,) * 2, color=RULE, linewidth=0.6)
    curves = tile if len(tile) <= 3 else tile.mean(axis=0, keepdims=True)
    for curve in curves:
        places, lows, highs = trace_envelope(curve, POINTS)
        along = left + (1 - AIR) * (places + 0.5) / len(curve)
        low, high = (top + (1 - AIR) * (0.96 - 0.92 * part) for part in (lows, highs))
        color = ORANGE if signed else BLUE
        if lows is highs:
            axes.plot(along, low, color=color, linewidth=0.8)
        else:
            axes.fill_between(along, low, high, color=color, linewidth=0.3)
