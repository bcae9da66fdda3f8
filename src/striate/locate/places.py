"""From probabilities at every position to a few places: peaks, each standing for what it overlaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from striate.locate.sweep import Sweep

MOST_CANDIDATES = 20_000
LARGER_FIRST = 0.2  # the power of a window's size in its rank: parts of a thing often look like smaller things
_Box = tuple[tuple[float, ...], tuple[float, ...]]  # the first corner, and the sides


@dataclass(frozen=True)
class Place:
    """One finding: which class, how probable, and the box where it is, in cells of the input as it was given."""

    label: str
    probability: float
    start: tuple[float, ...]
    extents: tuple[float, ...]
    scale: float


@dataclass(frozen=True)
class _Candidate:
    score: float
    probability: float
    label: int
    box: _Box
    sweep: int


def pick_places(
    sweeps: Sequence[Sweep],
    classes: Sequence[str],
    threshold: float = 0.9,
    overlap: float = 0.3,
    labels: Sequence[str] | None = None,
) -> tuple[Place, ...]:
    """Pick the places where a class fires, the surest first.

    A window counts where it isn't empty, and one class's probability is at least `threshold` in it. Windows are ranked
    by the mean probability of their neighbourhood (what is well centred goes on firing when the window moves a little),
    and each takes those out that share more than `overlap` of the smaller box with it; the place is the mean of the
    windows of the same class and scale that it stands for, as OverFeat merges its boxes. `labels` are the classes that
    are told of at the end; the others take places all the same.

    Source:  Sermanet et al. 2013, arXiv:1312.6229, sec. 4.3 (merging in place of suppressing).
    """
    candidates = [each for number, sweep in enumerate(sweeps) for each in _list_candidates(number, sweep, threshold)]
    waiting = sorted(candidates, key=lambda each: each.score, reverse=True)[:MOST_CANDIDATES]
    places = []
    while waiting:
        best = waiting[0]
        near = [_share(best.box, each.box) > overlap for each in waiting]
        group = [each for each, is_near in zip(waiting, near, strict=True) if is_near]
        same = [each for each in group if (each.label, each.sweep) == (best.label, best.sweep)]
        places.append(_merge(best, same, classes[best.label], sweeps[best.sweep].scale))
        waiting = [each for each, is_near in zip(waiting, near, strict=True) if not is_near]
    return tuple(place for place in places if labels is None or place.label in labels)


def _list_candidates(number: int, sweep: Sweep, threshold: float) -> list[_Candidate]:
    best = sweep.probabilities.max(axis=0)
    labels = sweep.probabilities.argmax(axis=0)
    smooth = np.stack([ndimage.uniform_filter(each, 3, mode="nearest") for each in sweep.probabilities])
    sides = tuple(size / sweep.scale for size in sweep.window)
    found = []
    for place in zip(*np.nonzero((best >= threshold) & sweep.filled), strict=True):
        start = tuple(firsts[cell] / sweep.scale for firsts, cell in zip(sweep.starts, place, strict=True))
        label = int(labels[place])
        score = float(smooth[(label, *place)]) * sweep.scale**-LARGER_FIRST
        found.append(_Candidate(score, float(best[place]), label, (start, sides), number))
    return found


def _share(left: _Box, right: _Box) -> float:
    """How much of the smaller box lies in the other."""
    common = 1.0
    for (first, side), (other, length) in zip(zip(*left, strict=True), zip(*right, strict=True), strict=True):
        common *= max(0.0, min(first + side, other + length) - max(first, other))
    return common / min(math.prod(left[1]), math.prod(right[1]))


def _merge(best: _Candidate, group: Sequence[_Candidate], label: str, scale: float) -> Place:
    starts: NDArray[np.float64] = np.array([each.box[0] for each in group])
    weights = np.array([each.score for each in group])
    start = tuple(map(float, (starts * weights[:, None]).sum(axis=0) / weights.sum()))
    return Place(label, best.probability, start, best.box[1], scale)
