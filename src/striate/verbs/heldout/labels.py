"""Samples with several labels: of each label how many are found, missed, seen wrongly and rightly left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.marks import write_labels
from striate.verbs.heldout.classes import check_index
from striate.verbs.heldout.part import HeldOut
from striate.verbs.heldout.sample import Grid, Query, Sample, Teller
from striate.verbs.telling import LIKELY

COLUMNS = ("found", "missed", "seen wrongly", "rightly left out")


def count(held: HeldOut) -> Grid:
    """A row for each label."""
    truth, said = _read(held)
    counts = [(truth & said), (truth & ~said), (~truth & said), (~truth & ~said)]
    return Grid(
        held.run.classes, COLUMNS, np.stack([each.sum(0) for each in counts], 1), "samples", diagonal=False, fine=(0, 3)
    )


def choose(held: HeldOut, query: Query) -> tuple[NDArray[Any], str]:
    """Of a label's cell the surest first; else by the surest mistake of each sample."""
    truth, said = _read(held)
    surest = np.where(said, held.answers, 1 - held.answers)
    wrong = truth != said
    if query.row is not None:
        check_index(query.row, len(held.run.classes))
        cell = 2 * (~truth[:, query.row]).astype(int) + (truth ^ said)[:, query.row].astype(int)
        kinds = np.array([0, 1, 3, 2])[cell]  # found, missed, rightly left out, seen wrongly
        keep = np.ones(len(truth), bool) if query.column is None else kinds == query.column
        places, rank = np.flatnonzero(keep), surest[:, query.row]
        return places[np.argsort(-rank[places], kind="stable")], "surest first"
    keep = np.ones(len(truth), bool) if query.only == "all" else wrong.any(1) == (query.only == "wrong")
    places, rank = np.flatnonzero(keep), np.where(wrong, surest, 0).max(1)
    return places[np.argsort(-rank[places], kind="stable")], "surest mistake first"


def tell(held: HeldOut, number: int, query: Query) -> Sample:
    """The labels it has and those it was given; of the label asked for, its score."""
    truth, said = np.asarray(held.part.labels[number]) > 0, np.asarray(held.answers[number]) >= LIKELY
    names = held.run.classes
    sure = None if query.row is None else float(held.answers[number, query.row])
    right = bool((truth == said).all())
    note = None if query.row is None else names[query.row]
    return Sample(
        number, held.part.names[number], write_labels(names, truth), write_labels(names, said), sure, right, note
    )


def _read(held: HeldOut) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The labels that samples have, and those likelier than not."""
    return np.asarray(held.part.labels) > 0, np.asarray(held.answers) >= LIKELY


LABELS = Teller(count, choose, tell)
