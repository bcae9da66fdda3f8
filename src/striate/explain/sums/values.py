"""What a layer holds on an input, as one looks at it: its maps, and how often which value occurs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from striate.errors import InputError
from striate.explain.sums.layers import Layer
from striate.explain.sums.playing import Play
from striate.explain.sums.spelled import Floats, Places

BINS = 40


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many of the finite values lie between each edge and the next; `zeros` are exactly 0, `strange` no numbers."""

    edges: Floats = field(repr=False)
    counts: Places = field(repr=False)
    zeros: int
    strange: int
    mean: float
    deviation: float
    low: float
    high: float


def read_values(playing: Play, layer: Layer | None) -> Floats:
    """The numbers of a layer [channels, *extents]; of the input without one."""
    value = playing.input if layer is None else layer.value
    values: Floats = playing.read(value)[0].double().cpu().numpy()
    return values


def count_values(values: Floats, bins: int = BINS) -> Histogram:
    """Count values into bins of equal width from the lowest to the highest.

    Raises:  InputError without values.

    >>> count_values(np.array([0.0, 0.0, 1.0, 4.0]), 4).counts.tolist()
    [2, 1, 0, 1]
    """
    finite = values[np.isfinite(values)]
    if not values.size:
        raise InputError("histogram: found no values, needed some")
    if not finite.size:
        return Histogram(np.zeros(2), np.zeros(1, np.int64), 0, int(values.size), np.nan, np.nan, np.nan, np.nan)
    low, high = float(finite.min()), float(finite.max())
    counts, edges = np.histogram(finite, bins, (low, high) if high > low else (low - 0.5, low + 0.5))
    figures = float(finite.mean()), float(finite.std()), low, high
    return Histogram(edges, counts, int((finite == 0).sum()), int(values.size - finite.size), *figures)
