"""Loss surfaces of networks side by side: one logarithmic scale of colours and contours for all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from striate.explain.surface.landscape import Surface
from striate.report.palette import INK, ORANGE, PAPER, QUIET, WASH
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text

# All in inches.
PANEL, GAP, EDGE, HEAD, TITLE, FOOT, BAR, LINE = 3.2, 0.55, 0.55, 0.75, 0.5, 0.45, 1.0, 0.16
COLUMNS = 3
COLOURS = "cividis"  # even for the eye, and the same order to a colour-blind one
ROUND = (1, 1.5, 2, 3, 4, 5, 7)  # contours lie at these, times a power of ten
MOST_CONTOURS, SMALLEST = 9, 1e-12


def draw_surface(surface: Surface) -> Picture:
    """Draw the loss of each network over its plane, cell by cell, with contours and their values."""
    count = len(surface.names)
    columns = min(count, COLUMNS)
    rows = math.ceil(count / columns)
    width = EDGE + columns * (PANEL + GAP) + BAR
    values = surface.losses.numpy()
    norm = _fit_scale(values)
    with styled():
        notes = [line for note in write_notes(surface) for line in wrap_text(note, width - 2 * EDGE, SMALL)]
        foot = LINE * len(notes) + 0.2
        picture = Picture(width, HEAD + rows * (TITLE + PANEL + FOOT) + foot)
        title = "The loss around " + " and ".join(surface.names)
        picture.write(EDGE, 0.25, shorten_text(title, width - 2 * EDGE, LARGE), LARGE, color=INK)
        for number in range(count):
            left = EDGE + (number % columns) * (PANEL + GAP)
            top = HEAD + (number // columns) * (TITLE + PANEL + FOOT)
            _write_title(picture, surface, number, left, top)
            axes = picture.place(left, picture.height - top - TITLE - PANEL, PANEL, PANEL)
            _draw_plane(axes, surface.steps, values[number], norm)
        top = HEAD + TITLE
        _draw_bar(picture, EDGE + columns * (PANEL + GAP) - 0.1, picture.height - top - PANEL, norm)
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + number * LINE, line, SMALL, color=QUIET)
    return picture


def _fit_scale(values: NDArray[np.float64]) -> LogNorm:
    """From the least to the largest finite loss of all networks; a loss of nothing counts as a very small one."""
    known = np.maximum(values[np.isfinite(values)], SMALLEST)
    least, most = float(known.min(initial=math.inf)), float(known.max(initial=0))
    if not known.size:
        least, most = 1.0, 1.0
    return LogNorm(least, most if most > 1.001 * least else 1.001 * least)


def choose_contours(least: float, most: float) -> list[float]:
    """Round values between two losses, evenly far apart by ratio as far as round values are; at most nine.

    >>> choose_contours(0.25, 8)
    [0.3, 0.5, 1.0, 2.0, 3.0, 5.0]
    """
    decades = range(math.floor(math.log10(least)), math.floor(math.log10(most)) + 1)
    for mantissas in (ROUND, (1, 2, 3, 5), (1, 3), (1,)):
        found = [float(f"{mantissa}e{decade}") for decade in decades for mantissa in mantissas]
        found = [value for value in found if least < value < most]
        if len(found) <= MOST_CONTOURS:
            return found
    return found[:: math.ceil(len(found) / MOST_CONTOURS)]


def _write_title(picture: Picture, surface: Surface, number: int, left: float, top: float) -> None:
    picture.write(left, top, shorten_text(surface.names[number], PANEL, PLAIN), PLAIN, color=INK, weight="bold")
    text = f"loss {surface.centres[number]:.4g}; at most twice that on {100 * surface.flatness[number]:.1f} %"
    picture.write(left, top + 0.18, shorten_text(text, PANEL + GAP / 2, SMALL), SMALL, color=QUIET)


def _draw_plane(axes: Axes, steps: Sequence[float], losses: NDArray[np.float64], norm: LogNorm) -> None:
    """Cells not yet known stay hatched; those whose loss isn't finite take the colour of the largest."""
    ends = (steps[0], steps[-1])
    half = (steps[1] - steps[0]) / 2
    ground = (ends[0] - half, ends[1] + half)
    span = ground[1] - ground[0]
    back: Any = {"facecolor": WASH, "edgecolor": QUIET, "hatch": "////", "linewidth": 0, "zorder": -1}
    axes.add_patch(Rectangle((ground[0], ground[0]), span, span, **back))
    assert norm.vmax is not None
    shown = np.ma.masked_invalid(np.where(np.isinf(losses), norm.vmax, np.maximum(losses, SMALLEST))).T
    style: Any = {"cmap": COLOURS, "norm": norm, "origin": "lower", "interpolation": "nearest"}
    axes.imshow(shown, extent=(*ground, *ground), aspect="auto", **style)
    levels = choose_contours(float(shown.min()), float(shown.max())) if shown.count() else []
    if levels and shown.count() == shown.size:
        lines = axes.contour(steps, steps, shown, levels=levels, colors=PAPER, linewidths=0.7)
        axes.clabel(lines, fmt=lambda value: f"{value:g}", fontsize=SMALL, inline_spacing=2)
    axes.plot(0, 0, marker="+", markersize=9, markeredgewidth=1.6, color=ORANGE)
    axes.set(xlim=ground, ylim=ground, xticks=[ends[0], 0, ends[1]], yticks=[ends[0], 0, ends[1]])
    axes.set_xlabel("along the first direction", labelpad=1)
    axes.set_ylabel("along the second", labelpad=0)


def _draw_bar(picture: Picture, left: float, bottom: float, norm: LogNorm) -> None:
    axes = picture.place(left, bottom, 0.14, PANEL)
    assert norm.vmin is not None
    assert norm.vmax is not None
    values = np.geomspace(norm.vmin, norm.vmax, 256)
    axes.pcolormesh([0, 1], values, values[:-1, None], cmap=COLOURS, norm=norm)
    axes.set_yscale("log")
    axes.yaxis.tick_right()
    axes.yaxis.set_minor_locator(NullLocator())
    marks = choose_contours(norm.vmin, norm.vmax) or [norm.vmin]
    axes.set_yticks(marks, [f"{value:g}" for value in marks])
    axes.set(xticks=[], ylim=(norm.vmin, norm.vmax))
    axes.set_title("loss", fontsize=SMALL, color=QUIET, pad=4)


def write_notes(surface: Surface) -> list[str]:
    """What the picture shows, and what should be known of it, a line each."""
    notes = [
        f"Mean cross-entropy over {surface.samples:,} samples, on a plane along two random directions (seed "
        f"{surface.seed}); each filter of a direction is as long as the weights' own, biases and norms stay. "
        "+ is the network as it is."
    ]
    if surface.known < 1:
        notes.append(f"{100 * surface.known:.0f} % of the cells are known; the others are hatched.")
    if bool(surface.losses.isinf().any()):
        notes.append("Where the loss isn't a finite number, the cell has the colour of the largest.")
    return [*notes, *surface.notes]
