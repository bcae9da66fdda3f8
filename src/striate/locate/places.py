"""From probabilities at every position to a few places: peaks, each standing for what it overlaps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from striate.locate.sweep import Probabilities, Sweep

LARGER_FIRST = 0.2  # the power of a window's size in its rank: parts of a thing often look like smaller things
_Cell = tuple[int, ...]
_Box = tuple[tuple[float, ...], tuple[float, ...]]  # the first corner, and the sides


@dataclass(frozen=True)
class Place:
    """One finding: which class, how probable, and the box where it is, in cells of the input as it was given."""

    label: str
    probability: float
    start: tuple[float, ...]
    extents: tuple[float, ...]
    scale: float


@dataclass(frozen=True, eq=False)
class _Grid:
    """One scale's windows: the likeliest class of each, its rank, and which of them no place stands for yet."""

    sweep: Sweep
    labels: NDArray[np.intp]
    scores: NDArray[np.float64]
    waiting: NDArray[np.bool_]

    def find_box(self, cell: _Cell) -> _Box:
        """The box of the window at a position, in cells of the input as it was given."""
        start = tuple(firsts[place] / self.sweep.scale for firsts, place in zip(self.sweep.starts, cell, strict=True))
        return start, tuple(size / self.sweep.scale for size in self.sweep.window)


def pick_places(
    sweeps: Sequence[Sweep],
    classes: Sequence[str],
    threshold: float = 0.9,
    overlap: float = 0.3,
    labels: Sequence[str] | None = None,
    background: Sequence[str] = (),
) -> tuple[Place, ...]:
    """Pick the places where a class fires, the surest first.

    A window counts where it isn't empty, and one class's probability is at least `threshold` in it. Windows are ranked
    by the mean probability of their neighbourhood (what is well centred goes on firing when the window moves a little),
    and each takes those out that share more than `overlap` of the smaller box with it; the place is the mean of the
    windows of the same class and scale that it stands for, as OverFeat merges its boxes. `labels` are the classes that
    are told of at the end; the others take places all the same, but for those of the `background`, which stand for
    nothing.

    Source:  Sermanet et al. 2013, arXiv:1312.6229, sec. 4.3 (merging in place of suppressing).
    """
    nothing = [number for number, label in enumerate(classes) if label in background]
    grids = [_rank_windows(sweep, threshold, nothing) for sweep in sweeps]
    places = []
    for number, cell in _iterate_ranks(grids):
        if grids[number].waiting[cell]:
            places.append(_take_place(grids, number, cell, overlap, classes))
    told = [place for place in places if labels is None or place.label in labels]
    return tuple(sorted(told, key=lambda place: -place.probability))


def _rank_windows(sweep: Sweep, threshold: float, nothing: Sequence[int]) -> _Grid:
    labels = sweep.probabilities.argmax(axis=0)
    waiting = (sweep.probabilities.max(axis=0) >= threshold) & sweep.filled & ~np.isin(labels, nothing)
    scores = np.zeros(labels.shape)
    for label in np.unique(labels[waiting]):
        own = waiting & (labels == label)
        smooth = ndimage.uniform_filter(sweep.probabilities[label].astype(np.float64), 3, mode="nearest")
        scores[own] = smooth[own] * sweep.scale**-LARGER_FIRST
    return _Grid(sweep, labels, scores, waiting)


def _iterate_ranks(grids: Sequence[_Grid]) -> Iterator[tuple[int, _Cell]]:
    """Every window that counts, as the number of its scale and its position, the best first."""
    flat = [np.flatnonzero(grid.waiting) for grid in grids]
    numbers = np.repeat(np.arange(len(grids)), [len(each) for each in flat])
    scores = np.concatenate([np.empty(0), *(grid.scores.flat[each] for grid, each in zip(grids, flat, strict=True))])
    windows = np.concatenate([np.empty(0, dtype=np.intp), *flat])
    for row in np.argsort(-scores, kind="stable"):
        number = int(numbers[row])
        yield number, tuple(map(int, np.unravel_index(windows[row], grids[number].waiting.shape)))


def _take_place(grids: Sequence[_Grid], number: int, cell: _Cell, overlap: float, classes: Sequence[str]) -> Place:
    """Make the place of a window, and take out the windows that it stands for."""
    best, label = grids[number], int(grids[number].labels[cell])
    box = best.find_box(cell)
    same = np.zeros_like(best.waiting)
    for grid in grids:
        block, shares = _find_shares(box, grid)
        near = grid.waiting[block] & (shares > overlap)
        if grid is best:
            same[block] = near & (grid.labels[block] == label)
        grid.waiting[block] &= ~near
    same[cell], best.waiting[cell] = True, False  # whatever the overlap is
    probability = float(best.sweep.probabilities[(label, *cell)])
    return Place(classes[label], probability, _average_starts(best, same, cell), box[1], best.sweep.scale)


def _find_shares(box: _Box, grid: _Grid) -> tuple[tuple[slice, ...], Probabilities]:
    """How much of the smaller of two boxes lies in the other, for the block of a scale's windows that touch a box."""
    block, common = [], []
    sides = [size / grid.sweep.scale for size in grid.sweep.window]
    for start, side, firsts, length in zip(*box, grid.sweep.starts, sides, strict=True):
        others = np.asarray(firsts) / grid.sweep.scale
        shared = np.minimum(start + side, others + length) - np.maximum(start, others)
        touching = np.flatnonzero(shared > 0)
        first, last = (int(touching[0]), int(touching[-1]) + 1) if len(touching) else (0, 0)
        block.append(slice(first, last))
        common.append(shared[first:last])
    return tuple(block), reduce(np.multiply.outer, common) / min(math.prod(box[1]), math.prod(sides))


def _average_starts(grid: _Grid, chosen: NDArray[np.bool_], best: _Cell) -> tuple[float, ...]:
    """The mean of the first corners of some windows, weighted by rank; exact where the best is alone."""
    weights, found = grid.scores[chosen], []
    for firsts, cells, own in zip(grid.sweep.starts, np.nonzero(chosen), best, strict=True):
        away = np.asarray(firsts)[cells] - firsts[own]
        found.append(float((firsts[own] + away @ weights / weights.sum()) / grid.sweep.scale))
    return tuple(found)
