"""How layers answer to motions of the input, as curves: what follows on the left, what ignores on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import NullFormatter, NullLocator
from numpy.typing import NDArray

from striate.explain.motion.invariance import Curves, Invariance
from striate.report.palette import DEPTHS, INK, ORANGE, QUIET, RULE
from striate.report.picture import LARGE, PLAIN, SMALL, Picture, shorten_text, styled, wrap_text

# All in inches.
EDGE, HEAD, PANEL, TALL, GAP, BETWEEN, LEGEND, LINE = 0.55, 1.0, 2.7, 1.35, 0.5, 0.62, 1.7, 0.16
MOST = 8
"""Layers drawn; of more, so many evenly chosen ones."""
WORDS = {"cells": "cells", "degrees": "degrees", "times": "times as large", "axis": "axis"}
STILL = {"cells": 0.0, "degrees": 0.0, "times": 1.0}
"""The amount that moves nothing."""


def draw_invariance(found: Invariance) -> Picture:
    """Draw each kind of motion in a row: how far f(T x) is from T f(x), and from f(x), over the amount."""
    shown = choose_layers(len(found.layers))
    width = EDGE + 2 * (PANEL + GAP) + LEGEND
    with styled():
        notes = [line for note in write_notes(found) for line in wrap_text(note, width - 2 * EDGE, SMALL)]
        foot = LINE * len(notes) + 0.2
        picture = Picture(width, HEAD + len(found.curves) * (TALL + BETWEEN) + foot)
        title = f"What {found.name} makes of motions of its input"
        picture.write(EDGE, 0.22, shorten_text(title, width - 2 * EDGE, LARGE), LARGE, color=INK)
        picture.write(EDGE, 0.58, "How far maps fail to move along", weight="bold")
        picture.write(EDGE + PANEL + GAP, 0.58, "How far maps change at all", weight="bold")
        for number, curves in enumerate(found.curves):
            bottom = picture.height - HEAD - number * (TALL + BETWEEN) - TALL
            for column, values in enumerate((curves.equivariance, curves.invariance)):
                axes = picture.place(EDGE + column * (PANEL + GAP), bottom, PANEL, TALL)
                _draw_panel(axes, curves, values.numpy(), shown, found.others if column else None)
        _draw_legend(picture, found, shown)
        for number, line in enumerate(notes):
            picture.write(EDGE, picture.height - foot + number * LINE, line, SMALL, color=QUIET)
    return picture


def choose_layers(count: int) -> list[int]:
    """At most `MOST` of so many layers, evenly, the first and the last (the scores) among them.

    >>> choose_layers(3), choose_layers(50)
    ([0, 1, 2], [0, 7, 14, 21, 28, 35, 42, 49])
    """
    if count <= MOST:
        return list(range(count))
    return [round(place * (count - 1) / (MOST - 1)) for place in range(MOST)]


def choose_colours(count: int) -> list[str]:
    """Ever darker blues for the layers, orange for the scores."""
    blues = LinearSegmentedColormap.from_list("depths", DEPTHS)
    return [matplotlib.colors.to_hex(blues(place / max(count - 2, 1))) for place in range(count - 1)] + [ORANGE]


def _draw_panel(
    axes: Axes, curves: Curves, values: NDArray[np.float64], shown: Sequence[int], others: Sequence[float] | None
) -> None:
    still = STILL.get(curves.unit)
    amounts = np.array(curves.amounts)
    order = np.argsort(amounts if still is None else np.append(amounts, still))
    for layer, colour in zip(shown, choose_colours(len(shown)), strict=True):
        heights = values[layer]
        if still is None:
            axes.plot(amounts, heights, "o", color=colour, markersize=4)
        elif not np.isnan(heights).all():
            places = np.append(amounts, still)[order]
            axes.plot(places, np.append(heights, 0.0)[order], color=colour, linewidth=1.3, marker="o", markersize=2)
        if others is not None and np.isfinite(others[layer]):
            style: Any = {"transform": axes.get_yaxis_transform(), "clip_on": False, "linewidth": 1.3}
            axes.plot([1.01, 1.045], [others[layer]] * 2, color=colour, **style)
    finite = values[list(shown)]
    tops = [*finite[np.isfinite(finite)], *(others[layer] for layer in shown if others and np.isfinite(others[layer]))]
    axes.set_ylim(0, 1.08 * max([*tops, 0.05]))
    axes.yaxis.grid(color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines["bottom"].set(visible=True, color=RULE)
    axes.set_title(curves.change, fontsize=PLAIN, loc="left", color=INK, pad=3)
    axes.set_xlabel(WORDS[curves.unit], labelpad=1)
    _mark_amounts(axes, curves)


def _mark_amounts(axes: Axes, curves: Curves) -> None:
    """Ticks at the amounts themselves, as many as have room."""
    if curves.unit == "times":
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_minor_formatter(NullFormatter())
    if curves.unit == "axis":
        axes.set_xlim(-0.5, len(curves.amounts) - 0.5)
    marks = sorted({*curves.amounts, *([STILL[curves.unit]] if curves.unit in STILL else [])})
    start, end = (np.log(marks[0]), np.log(marks[-1])) if curves.unit == "times" else (marks[0], marks[-1])
    kept: list[float] = []
    for mark in marks:
        place = np.log(mark) if curves.unit == "times" else mark
        last = (np.log(kept[-1]) if curves.unit == "times" else kept[-1]) if kept else None
        if last is None or place - last >= 0.085 * (end - start):
            kept.append(mark)
    axes.set_xticks(kept, [f"{mark:g}" for mark in kept])


def _draw_legend(picture: Picture, found: Invariance, shown: Sequence[int]) -> None:
    left = EDGE + 2 * (PANEL + GAP) - 0.1
    picture.write(left, HEAD - 0.1, "layer, input cells a step", SMALL, color=QUIET)
    for place, (layer, colour) in enumerate(zip(shown, choose_colours(len(shown)), strict=True)):
        top = HEAD + 0.12 + place * 0.19
        step = found.steps[layer]
        name = shorten_text(found.layers[layer], LEGEND - 0.75, PLAIN)
        picture.write(left, top, "●", PLAIN, color=colour)
        picture.write(left + 0.16, top, name + (f", {write_step(step)}" if step else ""), PLAIN, color=INK)


def write_step(step: Sequence[float]) -> str:
    """How many input cells apart the cells of a map are.

    >>> write_step((2.0, 2.0)), write_step((2.0, 1.5))
    ('2', '2x1.5')
    """
    numbers = [f"{each:.3g}" for each in step]
    return numbers[0] if len(set(numbers)) == 1 else "x".join(numbers)


def write_notes(found: Invariance) -> list[str]:
    """What the picture shows, and what should be known of it, a line each."""
    came = "What leaves at one end comes in at the other" if found.wraps else "Where nothing came from stands 0"
    notes = [
        "Left: |f(T x) - T f(x)| / |T f(x)| over the cells that T brings from within the map (an equivariant layer has "
        "0); right: |f(T x) - f(x)| / |f(x)| (an invariant layer has 0), the dash beside it another sample for T x. "
        f"| | is the root of the sum of squares, over {found.samples:,} samples, channels and cells.",
        f"{came}; between cells, linear interpolation.",
    ]
    if len(found.layers) > MOST:
        notes.append(f"Shown are {MOST} of {len(found.layers)} layers.")
    return [*notes, *found.notes]
