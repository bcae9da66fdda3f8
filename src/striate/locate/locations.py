"""What `striate.locate` found in one input: the places, and the probabilities they were picked from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from striate.errors import InputError
from striate.locate.places import Place
from striate.locate.pyramid import Values
from striate.locate.sweep import Sweep


@dataclass(frozen=True, eq=False)
class Locations:
    """Where each class fires in an input.

    `values` is the input [C, *extents] as it was looked at; `places` are the findings, the surest first; `sweeps` hold
    the class probabilities at every position of the window, one sweep per scale. `exact` says whether each of them is
    what the network says of that window cut out by itself; where it isn't, `why` says why.
    """

    name: str
    values: Values = field(repr=False)
    classes: tuple[str, ...]
    places: tuple[Place, ...]
    sweeps: tuple[Sweep, ...] = field(repr=False)
    exact: bool
    why: str = ""

    def map_class(self, label: str) -> NDArray[np.float64]:
        """A class's probability over the input: at each cell that of the windows whose middle is there, of all scales.

        Where windows are further apart than cells, each stands for the cells nearer to its middle than to the next
        one's; where they are closer, or of several scales, the largest counts.

        Shape:   the input's extents; 0 where no window has its middle, or none that holds anything.
        Raises:  InputError for a class that the run doesn't know.
        """
        if label not in self.classes:
            raise InputError(f"map_class: found {label!r}, needed one of {', '.join(self.classes)}. Change it")
        number, found = self.classes.index(label), np.zeros(self.values.shape[1:])
        for sweep in self.sweeps:
            spread = np.where(sweep.filled, sweep.probabilities[number], 0).astype(np.float64)
            for axis, (starts, size) in enumerate(zip(sweep.starts, sweep.window, strict=True)):
                spread = _spread(spread, axis, *_find_cells(starts, size, sweep.scale), found.shape[axis])
            np.maximum(found, spread, out=found)
        return found


def _find_cells(starts: tuple[int, ...], size: int, scale: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first of the input's cells that each window along an axis stands for, and the one after the last."""
    middles = (np.asarray(starts) + size / 2) / scale
    edges = (middles[1:] + middles[:-1]) / 2
    firsts = np.rint([middles[0] - 0.5, *edges]).astype(np.intp)
    lasts = np.rint([*edges, middles[-1] + 0.5]).astype(np.intp)
    return firsts, np.maximum(firsts + 1, lasts)


def _spread(
    values: NDArray[np.float64], axis: int, firsts: NDArray[np.intp], lasts: NDArray[np.intp], extent: int
) -> NDArray[np.float64]:
    """From windows to cells along one axis: at each cell the largest of the windows that stand for it, or 0."""
    cells = np.arange(extent)
    begin, end = np.searchsorted(lasts, cells, side="right"), np.searchsorted(firsts, cells, side="right")
    padded = np.concatenate([values, np.zeros_like(values.take([0], axis))], axis)
    largest = np.maximum.reduceat(padded, np.stack([begin, np.maximum(begin, end)], 1).ravel(), axis)
    shape = [-1 if each == axis else 1 for each in range(values.ndim)]
    chosen = largest.take(np.arange(0, 2 * extent, 2), axis)
    return np.where((begin < end).reshape(shape), chosen, 0.0)
