"""Which samples train and which are held out: stratified, seeded, and the source's own split kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Integers
from striate.data.pool import Side

TEST_SHARE = 0.2
VAL_SHARE = 0.1
VAL_MOST = 5000


@dataclass(frozen=True)
class Split:
    """The places of each part's samples in the pool, ascending; None where a part is not there."""

    train: Integers
    val: Integers | None
    test: Integers | None
    official: bool


def split_pool(labels: Integers, sides: NDArray[np.int8], seed: int) -> Split:
    """Keep the source's test and val; draw what it lacks: 20 % for test, 10 % of the rest (at most 5,000) for val.

    A source with val alone keeps it and gets no test. Every class keeps a training sample, so a class of one trains.

    >>> parts = split_pool(np.repeat([0, 1], 50), np.zeros(100, np.int8), seed=0)
    >>> len(parts.train), len(parts.val), len(parts.test), parts.official
    (72, 8, 20, False)
    """
    rng = np.random.default_rng(seed)
    rest = np.flatnonzero((sides == Side.TRAIN) | (sides == Side.UNSAID))
    val, test = np.flatnonzero(sides == Side.VAL), np.flatnonzero(sides == Side.TEST)
    official = len(test) > 0
    if not official and not len(val):
        rest, test = _draw(rest, labels, round(len(rest) * TEST_SHARE), rng)
    if not len(val):
        rest, val = _draw(rest, labels, min(round(len(rest) * VAL_SHARE), VAL_MOST), rng)
    return Split(rest, val if len(val) else None, test if len(test) else None, official)


def share_out(counts: Integers, total: int) -> Integers:
    """Share `total` over the classes by their `counts`: largest remainders, one of each class left over at least.

    Source: Hamilton's method of apportionment.

    >>> share_out(np.array([6, 3, 1]), 3)
    array([2, 1, 0])
    """
    room = np.maximum(counts - 1, 0)
    exact = counts * (total / max(1, int(counts.sum())))
    shares: Integers = np.minimum(np.floor(exact + 1e-9).astype(np.int64), room)
    while shares.sum() < min(total, int(room.sum())):
        remainder = np.where(shares < room, exact - shares, -np.inf)
        shares[int(np.argmax(remainder))] += 1
    return shares


def _draw(places: Integers, labels: Integers, total: int, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Take about `total` of `places` away, stratified; return what is left and what was taken, both ascending."""
    _, inverse, counts = np.unique(labels[places], return_inverse=True, return_counts=True)
    shares = share_out(counts.astype(np.int64), total)
    order = np.lexsort((rng.random(len(places)), inverse))
    rank = np.empty(len(places), np.int64)
    rank[order] = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken: NDArray[np.bool_] = rank < shares[inverse]
    return places[~taken], places[taken]
