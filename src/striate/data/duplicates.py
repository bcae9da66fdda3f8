"""Held-out samples that stand in the training part too: byte for byte, or so alike that they come from one origin.

How alike two different samples may be depends on the data: two ones of MNIST are more alike than two photographs of one
scene. So a neighbour is judged by the neighbours behind it. Where samples are spread evenly over m dimensions, the
nearest of them seldom lies far nearer than the tenth; how seldom follows from m alone, and m is measured on the data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.data.hashing import hash_samples
from striate.data.neighbours import Neighbours, find_neighbours
from striate.data.part import Inputs, Integers
from striate.data.thumbnails import CELLS, draw_thumbnails, iterate_thumbnails

NEIGHBOURS = 10
CHANCE = 1.0  # so many pairs may be called alike by chance, among all held-out samples looked at,
MOST_SHARE = 1e-3  # and at most this share of them
COPY = 0.999  # of this likeness two samples are one, however many others are as near
NEAREST = 1e-3  # distances below this are rounding

Reals = NDArray[np.float64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Pair:
    """A held-out sample and the training sample most like it; `likeness` is 1 where their bytes are the same."""

    held: int
    trained: int
    likeness: float
    exact: bool


@dataclass(frozen=True)
class Duplicates:
    """What was found: `pairs`, the most alike first, one for each held-out sample that has a duplicate.

    All `held` samples were compared by their bytes, `looked` of them by how they look. A pair is near where its
    distance is below `threshold` times that of the eleventh neighbour; `dimension` is the data's (None: too few).
    """

    held: int
    looked: int
    exact: int
    near: int
    threshold: float | None
    dimension: float | None
    pairs: tuple[Pair, ...]

    @property
    def is_exact_alone(self) -> bool:
        """Whether only equal bytes were looked for."""
        return self.looked == self.exact < self.held

    @property
    def share(self) -> float:
        """The share of held-out samples with a duplicate; an estimate where not all were looked at."""
        return self.exact / max(1, self.held) + self.near / max(1, self.looked) * (1 - self.exact / max(1, self.held))


def find_duplicates(
    trained: Inputs,
    held: Inputs,
    *,
    multiplies: float = np.inf,
    seed: int = 0,
    hashes: tuple[Hashes, Hashes] | None = None,
) -> Duplicates:
    """Find the held-out samples with a duplicate among the training samples: exact by hash, near by their thumbnails.

    Where comparing all would take more than `multiplies`, some held-out samples are drawn by `seed`. `hashes` are those
    of both, where they are known.
    Shape: uint8 [N, C, *extents] and [M, C, *extents].
    Cost: N x M x 144 multiplies at most; reads both once.

    >>> rng = np.random.default_rng(0)
    >>> trained = rng.integers(0, 256, (400, 1, 12, 12), dtype=np.uint8)
    >>> held = np.concatenate([trained[7:8], trained[9:10] // 2 + 60, 255 - trained[:98]])
    >>> found = find_duplicates(trained, held)
    >>> found.exact, found.near, [(pair.held, pair.trained) for pair in found.pairs]
    (1, 1, [(0, 7), (1, 9)])
    """
    exact = _match_bytes(*(hashes or (hash_samples(trained), hash_samples(held))))
    rest = np.flatnonzero(exact < 0)
    most = int(min(len(rest), multiplies // max(1, len(trained) * CELLS)))
    looked = rest if most == len(rest) else np.sort(np.random.default_rng(seed).choice(rest, most, replace=False))
    count = min(NEIGHBOURS + 1, len(trained))
    queries = np.concatenate([draw_thumbnails(held[:0]), *iterate_thumbnails(held, looked)])
    neighbours = find_neighbours(queries, iterate_thumbnails(trained), count)
    near, threshold, dimension = judge_neighbours(neighbours)
    pairs = [Pair(int(place), int(exact[place]), 1.0, True) for place in np.flatnonzero(exact >= 0)]
    pairs += [
        Pair(int(looked[row]), int(neighbours.places[row, 0]), float(neighbours.likeness[row, 0]), False)
        for row in np.flatnonzero(near)
    ]
    return Duplicates(
        held=len(held),
        looked=len(looked) + int((exact >= 0).sum()),
        exact=int((exact >= 0).sum()),
        near=int(near.sum()),
        threshold=threshold,
        dimension=dimension,
        pairs=tuple(sorted(pairs, key=lambda pair: (not pair.exact, -pair.likeness, pair.held))),
    )


def judge_neighbours(neighbours: Neighbours) -> tuple[NDArray[np.bool_], float | None, float | None]:
    """Tell which first neighbours are duplicates; give the ratio of distances that decided, and the dimension.

    With K neighbours behind the first, P(d1 / d(K+1) < t) = 1 - (1 - t^m)^K; t is chosen so that CHANCE of all lie
    below it, of few samples fewer. m is measured without the first neighbours, which may be duplicates.
    Source: the ratio test is Lowe 2004, doi:10.1023/B:VISI.0000029664.99615.94, section 7.1; the dimension is Levina
    and Bickel 2004, "Maximum likelihood estimation of intrinsic dimension", equation 8, with the first neighbour left
    out.
    """
    likeness = neighbours.likeness.astype(np.float64)
    near = np.zeros(len(likeness), bool)
    if not likeness.size:
        return near, None, None
    near |= likeness[:, 0] > COPY
    distances = np.maximum(np.sqrt(np.maximum(2 - 2 * likeness, 0)), NEAREST)
    shown = likeness[:, 0] > 0  # a flat sample is like nothing
    dimension = measure_dimension(distances[shown])
    if dimension is None:
        return near, None, None
    behind = distances.shape[1] - 1
    chance = min(MOST_SHARE, CHANCE / len(likeness))
    threshold = float((1 - (1 - chance) ** (1 / behind)) ** (1 / dimension))
    return near | (shown & (distances[:, 0] < threshold * distances[:, -1])), threshold, dimension


def measure_dimension(distances: Reals) -> float | None:
    """Measure in how many dimensions samples are spread, from each one's ascending distances to its neighbours.

    In m dimensions the mean of log(d(K+1) / d(j)) is (1/j + ... + 1/K) / m. None where there is nothing to measure.

    >>> round(measure_dimension(np.sort(np.random.default_rng(0).random((2000, 40)) ** (1 / 2))[:, :11]), 1)
    2.0
    """
    behind = distances.shape[1] - 1
    if not len(distances) or behind < 2:
        return None
    logs = np.log(distances[:, -1:] / distances[:, 1:-1]).mean(0).sum()
    tails = sum((1 / np.arange(first, behind + 1)).sum() for first in range(2, behind + 1))
    return float(tails / logs) if logs > 0 else None


def _match_bytes(hashes: Hashes, wanted: Hashes) -> Integers:
    """For each held-out sample the training sample of the same bytes, -1 where there is none."""
    if not len(hashes):
        return np.full(len(wanted), -1)
    order = np.argsort(hashes, kind="stable")
    found = np.minimum(np.searchsorted(hashes, wanted, sorter=order), len(hashes) - 1)
    return np.where(hashes[order[found]] == wanted, order[found], -1)
