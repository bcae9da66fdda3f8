"""What `striate.locate` found in one input: the places, and the probabilities they were picked from."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

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

        Shape:   the input's extents; 0 where no window has its middle, or none that holds anything.
        """
        number, found = self.classes.index(label), np.zeros(self.values.shape[1:])
        for sweep in self.sweeps:
            middles = [_list_middles(*axis, sweep.scale) for axis in zip(sweep.starts, sweep.window, strict=True)]
            for place in zip(*np.nonzero(sweep.filled), strict=True):
                cells = tuple(slices[cell] for slices, cell in zip(middles, place, strict=True))
                np.maximum(found[cells], sweep.probabilities[(number, *place)], out=found[cells])
        return found


def _list_middles(starts: tuple[int, ...], size: int, scale: float) -> list[slice]:
    """For each window along an axis the input's cells that are nearer to its middle than to the next window's."""
    middles = [(start + size / 2) / scale for start in starts]
    edges = [(left + right) / 2 for left, right in pairwise(middles)]
    firsts, lasts = [middles[0] - 0.5, *edges], [*edges, middles[-1] + 0.5]
    return [slice(round(first), max(round(first) + 1, round(last))) for first, last in zip(firsts, lasts, strict=True)]
