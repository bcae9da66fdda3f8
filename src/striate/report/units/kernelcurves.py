"""Kernels of one axis as curves, below each how much of every frequency it lets through."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from striate.explain.units.kernels import LayerKernels
from striate.report.palette import BLUE, ORANGE, PALE_ORANGE, QUIET, RULE
from striate.report.picture import SMALL, shorten_text

# All in inches.
INSIDE, COLUMNS, GAP = 8.0, 6, 0.2
CURVE, RESPONSE, LABEL, BELOW = 0.5, 0.4, 0.16, 0.14
TILE = (INSIDE - (COLUMNS - 1) * GAP) / COLUMNS


def measure_curves(layer: LayerKernels) -> float:
    """The height of a layer's curves."""
    return math.ceil(len(layer.units) / COLUMNS) * (CURVE + RESPONSE + LABEL + BELOW)


def draw_curves(axes: Axes, layer: LayerKernels) -> None:
    """Draw each unit's curve about its line of zero, and its response over its line of nothing."""
    top_gain = float(layer.responses.max()) if layer.responses is not None and layer.responses.size else 1.0
    for place in range(len(layer.units)):
        left = (place % COLUMNS) * (TILE + GAP)
        top = (place // COLUMNS) * (CURVE + RESPONSE + LABEL + BELOW)
        _draw_curve(axes, layer, place, left, top)
        if layer.responses is not None:
            _draw_response(axes, layer, place, (left, top + CURVE + BELOW / 2), top_gain or 1.0)
        _label(axes, layer, place, left, top + CURVE + RESPONSE + BELOW / 2, top_gain)


def _draw_curve(axes: Axes, layer: LayerKernels, place: int, left: float, top: float) -> None:
    values = layer.values[place, 0].numpy()
    middle = top + CURVE / 2
    across = left + TILE * (np.arange(len(values)) + 0.5) / len(values)
    axes.plot([left, left + TILE], [middle, middle], color=RULE, linewidth=0.8)
    heights = middle - 0.48 * CURVE * values / (layer.scale or 1.0)
    style: Any = {"marker": "o", "markersize": 2.2} if len(values) <= 32 else {}
    axes.plot(across, heights, color=BLUE, linewidth=1.0, **style)


def _draw_response(axes: Axes, layer: LayerKernels, place: int, corner: tuple[float, float], top_gain: float) -> None:
    assert layer.responses is not None
    gains = layer.responses[place] / top_gain
    left, top = corner
    across = left + TILE * np.linspace(0, 1, len(gains))
    floor = top + RESPONSE
    axes.fill_between(across, floor, floor - RESPONSE * gains, color=PALE_ORANGE, linewidth=0)
    axes.plot(across, floor - RESPONSE * gains, color=ORANGE, linewidth=1.0)
    axes.plot([left, left + TILE], [floor, floor], color=RULE, linewidth=0.8)


def _label(axes: Axes, layer: LayerKernels, place: int, left: float, top: float, top_gain: float) -> None:
    """The unit, the channel by which it is shown, and the frequency that it lets through most."""
    unit = layer.units[place]
    text = f"{unit} ← {layer.source[place]}" if layer.seen > 1 else f"{unit}"
    if layer.responses is not None and layer.frequencies is not None:
        peak = float(layer.frequencies[int(layer.responses[place].argmax())])
        text += f"   most at {peak:,.0f} Hz" if layer.rate else f"   most at {peak:.2g}"
    style: Any = {"va": "top", "ha": "left", "color": QUIET, "parse_math": False}
    axes.text(left, top + 0.03, shorten_text(text, TILE + GAP, SMALL), fontsize=SMALL, **style)
