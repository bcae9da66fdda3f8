"""A segmentation's samples: cells by true class and answer, and behind each count the samples with most of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.verbs.heldout.classes import check_index
from striate.verbs.heldout.part import HeldOut
from striate.verbs.heldout.sample import Grid, Query, Sample, Teller


def count(held: HeldOut) -> Grid:
    """A row for each true class, a column for each answer, over all cells."""
    names = held.run.classes
    return Grid(names, names, _unfold(held, held.kept).sum(0), "cells")


def choose(held: HeldOut, query: Query) -> tuple[NDArray[Any], str]:
    """Those with most such cells first; without a cell of the grid, those that overlap least with the truth."""
    from striate.train.tasks.segment import rank_samples

    if query.row is None or query.column is None:
        return rank_samples(held.kept), "least overlap first"
    for each in (query.row, query.column):
        check_index(each, len(held.run.classes))
    counts = _unfold(held, held.kept)[:, query.row, query.column]
    places = np.flatnonzero(counts)
    return places[np.argsort(-counts[places], kind="stable")], "most such cells first"


def tell(held: HeldOut, number: int, query: Query) -> Sample:
    """The share of its cells that is right, or how many are as was asked for."""
    from striate.train.tasks.segment import find_overlaps

    own = held.kept[number : number + 1]
    counts = _unfold(held, own)[0]
    note = f"mean IoU {100 * float(find_overlaps(own)[0]):.1f} %"
    if query.row is not None and query.column is not None:
        note = f"{int(counts[query.row, query.column]):,} such cells, {note}"
    return Sample(number, held.part.names[number], note=note)


def _unfold(held: HeldOut, kept: NDArray[Any]) -> NDArray[np.int64]:
    """Each sample's counts of cells [true, answer]: what is kept of it, behind its loss."""
    classes = len(held.run.classes)
    counts: NDArray[np.int64] = np.rint(kept[:, 1:]).astype(np.int64).reshape(-1, classes, classes)
    return counts


CELLS = Teller(count, choose, tell)
