"""One unit as the literature draws a cell: its kernel, the Gabor function beside it, and its tuning curve."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from striate.explain.cells.selectivity import CURVE
from striate.explain.cells.tuning import Tuning, Unit
from striate.report.palette import BLUE, INK, ORANGE, PAPER, QUIET, RULE
from striate.report.picture import SMALL, Picture

WIDTH, TALL, SIDE, POLAR, TEXT = 1.12, 1.5, 0.5, 0.52, 0.14  # in inches
SIGNED = LinearSegmentedColormap.from_list("signed", (BLUE, PAPER, ORANGE))


def draw_cell(picture: Picture, tuning: Tuning, unit: Unit, left: float, top: float) -> None:
    """Draw one unit into a card of `WIDTH` x `TALL` inches from an upper left corner."""
    picture.write(left, top, f"{unit.index}", SMALL, color=INK, weight="bold")
    picture.write(left + 0.24, top, describe_unit(unit), SMALL, color=QUIET)
    if unit.chroma is not None:
        _draw_kernel(picture, tuning, unit, left, top + TEXT)
    bottom = picture.height - top - TALL + 0.12
    if tuning.axes == 2:
        axes = picture.place(left, bottom, 2 * POLAR, POLAR)
        _draw_polar(axes, tuning, unit)


def describe_unit(unit: Unit) -> str:
    """Its preferred angle and F1 / F0, as short as can be."""
    angle = unit.preference.angle if unit.preference else unit.answer.angle
    ratio = "silent" if math.isnan(unit.answer.ratio) else f"{min(unit.answer.ratio, 99):.1f}"
    return f"{round(angle) % 180}°, {ratio}" if math.isfinite(angle) else ratio  # 180° are 0°: a bar has no end


def _draw_kernel(picture: Picture, tuning: Tuning, unit: Unit, left: float, top: float) -> None:
    assert unit.chroma is not None
    kernel = unit.chroma.kernel
    fit = unit.gabor.values if unit.gabor is not None else None
    bottom = picture.height - top - SIDE
    if tuning.axes == 1:
        axes = picture.place(left, picture.height - top - TALL + 0.35, 2 * SIDE, TALL - 0.4)
        axes.axhline(0, color=RULE, linewidth=0.5)
        axes.plot(kernel, color=BLUE, linewidth=1)
        if fit is not None:
            axes.plot(fit, color=ORANGE, linewidth=0.8, linestyle="--")
        axes.set(xticks=[], yticks=[])
        return
    highest = float(np.abs(kernel).max()) or 1.0
    _show(picture.place(left, bottom, SIDE, SIDE), kernel, highest)
    if fit is not None:
        axes = picture.place(left + SIDE + 0.04, bottom, SIDE, SIDE)
        _show(axes, fit, highest)
        if unit.gabor is not None and not unit.gabor.is_good:
            axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.7, transform=axes.transAxes)
    if tuning.channels == 3:
        back: Any = {"transform": picture.dpi_scale_trans, "edgecolor": QUIET, "linewidth": 0.4}
        colour = mix_colour(unit.chroma.direction)
        place = (left + 2 * SIDE - 0.08, picture.height - top + 0.02)
        picture.add_artist(Rectangle(place, 0.09, 0.09, facecolor=colour, **back))


def mix_colour(direction: tuple[float, ...]) -> tuple[float, float, float]:
    """A direction of colour as seen on a middle grey, as far along as the screen can show.

    >>> mix_colour((0.7, -0.7, 0.0))
    (1.0, 0.0, 0.5)
    """
    most = max(map(abs, direction)) or 1.0
    red, green, blue = (0.5 + 0.5 * part / most for part in direction)
    return red, green, blue


def _show(axes: Axes, values: NDArray[np.float64], highest: float) -> None:
    axes.imshow(values, cmap=SIGNED, vmin=-highest, vmax=highest, interpolation="nearest", aspect="auto")
    axes.spines[:].set(visible=True, color=RULE, linewidth=0.5)
    axes.set(xticks=[], yticks=[])


def _draw_polar(axes: Axes, tuning: Tuning, unit: Unit) -> None:
    """Half a circle, the angle of the bars around it: the kernel's amplitude in blue, answers in orange."""
    circle = np.linspace(0, math.pi, 60)
    axes.plot(np.cos(circle), np.sin(circle), color=RULE, linewidth=0.5)
    axes.plot([-1, 1], [0, 0], color=RULE, linewidth=0.5)
    if unit.preference is not None and unit.preference.curve:
        _trace(axes, unit.preference.curve, CURVE, BLUE)
    _trace(axes, unit.answer.curve, tuning.angles, ORANGE)
    axes.set(xlim=(-1.06, 1.06), ylim=(-0.06, 1.06), xticks=[], yticks=[], aspect="equal")


def _trace(axes: Axes, curve: tuple[float, ...], angles: tuple[float, ...], colour: str) -> None:
    lengths = np.array([*curve, curve[0]]) / (max(curve) or 1.0)
    turns = np.radians([*angles, angles[0] + 180])
    axes.plot(lengths * np.cos(turns), lengths * np.sin(turns), color=colour, linewidth=1)
