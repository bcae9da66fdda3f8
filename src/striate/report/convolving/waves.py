"""Series of any length as lines: a long one by the lowest and highest value under each point of the paper."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

POINTS = 1200  # across a drawing: finer than paper or screen show
MOST_LINES = 4


def trace_envelope(values: NDArray[Any], points: int = POINTS) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Places, and the lowest and the highest value around each; the values themselves where they are few.

    >>> [part.tolist() for part in trace_envelope(np.array([0, 3, 1, 2]), 2)]
    [[0.5, 2.5], [0, 1], [3, 2]]
    """
    if len(values) <= points:
        return np.arange(len(values), dtype=np.float64), values, values
    edges = np.linspace(0, len(values), points + 1).astype(np.int64)
    lows, highs = np.minimum.reduceat(values, edges[:-1]), np.maximum.reduceat(values, edges[:-1])
    return (edges[:-1] + edges[1:] - 1) / 2, lows, highs


def draw_waves(axes: Axes, values: NDArray[Any], rate: int | None, colour: str, **style: Any) -> None:
    """Draw channels [channels, samples] over each other, the first few of them, over seconds or samples."""
    for channel in values[:MOST_LINES]:
        places, lows, highs = trace_envelope(channel)
        times = places / (rate or 1)
        if lows is highs:
            axes.plot(times, lows, color=colour, linewidth=0.8, alpha=0.85, **style)
        else:
            axes.fill_between(times, lows, highs, color=colour, linewidth=0.3, alpha=0.85, **style)
