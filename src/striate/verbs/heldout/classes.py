"""A classifier's samples: the confusion matrix, and behind each of its cells the surest answers first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.errors import InputError
from striate.verbs.heldout.part import HeldOut
from striate.verbs.heldout.sample import Grid, Query, Sample, Teller


def count(held: HeldOut) -> Grid:
    """A row for each true class, a column for each answer."""
    from striate.train.scores import count_confusion

    assert held.result.scores is not None
    names = held.run.classes
    return Grid(names, names, count_confusion(held.result.scores, len(names)), "samples")


def choose(held: HeldOut, query: Query) -> tuple[NDArray[Any], str]:
    """The most certain answers first, equals in the part's order."""
    truth, given = np.asarray(held.part.labels), find_answers(held)
    keep = np.ones(len(truth), bool)
    for wanted, found in ((query.row, truth), (query.column, given)):
        if wanted is not None:
            check_index(wanted, len(held.run.classes))
            keep &= found == wanted
    if query.only != "all":
        keep &= (truth == given) == (query.only == "right")
    places = np.flatnonzero(keep)
    sure = held.answers[places, given[places]]
    return places[np.argsort(-sure, kind="stable")], "most certain first"


def find_answers(held: HeldOut) -> NDArray[Any]:
    """The class that each sample was given, as `evaluate` counts it: that of its largest output."""
    from striate.train.scores import predictions

    assert held.result.scores is not None
    return predictions(held.result.scores)


def tell(held: HeldOut, number: int, query: Query) -> Sample:
    """The class, the answer and its probability."""
    truth, given = int(held.part.labels[number]), int(held.kept[number].argmax())
    names = held.run.classes
    sure = float(held.answers[number, given])
    return Sample(number, held.part.names[number], names[truth], names[given], sure, truth == given)


def check_index(value: int, most: int) -> None:
    """Refuse a row or a column that isn't there. Raises: InputError."""
    if not 0 <= value < most:
        raise InputError(f"cell: found {value}, needed a whole number from 0 to {most - 1}")


CLASSES = Teller(count, choose, tell)
