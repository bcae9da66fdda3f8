"""A window slid over an input: the class probabilities at each of its positions.

Sliding the network itself is OverFeat's way (Sermanet et al. 2013, arXiv:1312.6229, sec. 3.5); cutting the windows out
and asking for each of them is the slow one, and the true one where the network pads its inputs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from striate.locate.pyramid import Values

Probabilities = NDArray[np.floating[Any]]
CONTRAST = 0.2  # of the input's range of values: a window that varies less holds nothing
_BATCH_VALUES = 2**22


@dataclass(frozen=True, eq=False)
class Sweep:
    """The answers of one scale.

    `probabilities` is [classes, *positions]; `starts` holds, per axis, the first cell of each position's window of
    `window` cells, all in cells of the input at this scale; `filled` says where the window holds anything at all.
    """

    scale: float
    window: tuple[int, ...]
    starts: tuple[tuple[int, ...], ...]
    probabilities: Probabilities
    filled: NDArray[np.bool_]


def list_starts(extent: int, window: int, step: int) -> tuple[int, ...]:
    """The first cells of windows that cover an axis: a step apart, the last one flush with the end.

    >>> list_starts(20, window=8, step=5)
    (0, 5, 10, 12)
    """
    return tuple(sorted({*range(0, extent - window + 1, step), extent - window}))


def count_windows(extents: tuple[int, ...], window: tuple[int, ...], step: tuple[int, ...]) -> int:
    """How many windows `sweep_crops` asks about.

    >>> count_windows((20, 8), (8, 8), (5, 5))
    4
    """
    return math.prod(len(list_starts(*axis)) for axis in zip(extents, window, step, strict=True))


def sweep_crops(
    answer: Callable[[Values], Probabilities],
    values: Values,
    window: tuple[int, ...],
    step: tuple[int, ...],
    scale: float = 1.0,
    on_windows: Callable[[int], None] | None = None,
) -> Sweep:
    """Cut every window out, and ask `answer` ([N, C, *window] -> probabilities [N, classes]) about each.

    Cost:    one forward pass per window; `on_windows(done)` hears of each batch.
    """
    starts = tuple(list_starts(*axis) for axis in zip(values.shape[1:], window, step, strict=True))
    rows = max(1, _BATCH_VALUES // max(1, math.prod((values.shape[0], *window))))
    places, parts, done = itertools.product(*starts), [], 0
    while batch := list(itertools.islice(places, rows)):
        parts.append(answer(np.stack([_cut(values, place, window) for place in batch])).astype(np.float32))
        done += len(batch)
        if on_windows:
            on_windows(done)
    listed = np.concatenate(parts)
    probabilities = np.moveaxis(listed.reshape(*map(len, starts), -1), -1, 0)
    return Sweep(scale, window, starts, probabilities, find_filled(values, window, starts))


def sweep_map(
    probabilities: Probabilities, values: Values, window: tuple[int, ...], step: tuple[int, ...], scale: float = 1.0
) -> Sweep:
    """Take what a network gave that was slid itself: [classes, *positions], a step apart."""
    starts = tuple(
        tuple(range(0, count * pace, pace)) for count, pace in zip(probabilities.shape[1:], step, strict=True)
    )
    return Sweep(scale, window, starts, probabilities, find_filled(values, window, starts))


def find_filled(values: Values, window: tuple[int, ...], starts: tuple[tuple[int, ...], ...]) -> NDArray[np.bool_]:
    """Where a window holds anything: its values span at least a fifth of what the whole input's span.

    Of several channels one that varies is enough; in an input that is the same everywhere no window holds anything.

    >>> find_filled(np.array([[0.0, 0, 0, 1]]), (2,), ((0, 1, 2),))
    array([False, False,  True])
    """
    whole = float(values.max()) - float(values.min())
    highest, lowest = (
        _filter(values, window, starts, each).astype(np.float32)
        for each in (ndimage.maximum_filter1d, ndimage.minimum_filter1d)
    )
    found: NDArray[np.bool_] = (highest - lowest).max(axis=0) >= max(CONTRAST * whole, 1e-9)
    return found


def _filter(
    values: Values, window: tuple[int, ...], starts: tuple[tuple[int, ...], ...], run: Callable[..., Values]
) -> Values:
    """The largest (or smallest) value of each window, axis by axis."""
    found = values
    for axis, (size, firsts) in enumerate(zip(window, starts, strict=True), 1):
        middles = np.asarray(firsts) + size // 2  # the filter writes a window's answer at its middle
        found = run(found, size, axis=axis).take(middles, axis=axis)
    return found


def _cut(values: Values, place: tuple[int, ...], window: tuple[int, ...]) -> Values:
    return values[:, *(slice(first, first + size) for first, size in zip(place, window, strict=True))]
