"""How each task's held-out samples are told: a new task is a file and a line here."""

from __future__ import annotations

from striate.errors import InputError
from striate.verbs.heldout.cells import CELLS
from striate.verbs.heldout.classes import CLASSES
from striate.verbs.heldout.continued import CONTINUED
from striate.verbs.heldout.labels import LABELS
from striate.verbs.heldout.numbers import NUMBERS_TOLD
from striate.verbs.heldout.part import HeldOut
from striate.verbs.heldout.restored import RESTORED_TOLD
from striate.verbs.heldout.sample import Grid, Listing, Query, Sample, Teller

TELLERS: dict[str, Teller] = {
    "classify": CLASSES,
    "labels": LABELS,
    "regress": NUMBERS_TOLD,
    "segment": CELLS,
    "restore": RESTORED_TOLD,
    "continue": CONTINUED,
}


def count_grid(held: HeldOut) -> Grid | None:
    """The counts of a run's answers, in a grid; None where its answers aren't counted so."""
    return TELLERS[held.run.task.name].count(held)


def list_samples(held: HeldOut, query: Query | None = None, first: int = 0, count: int = 24) -> Listing:
    """List held-out samples from the `first` on, in the order that is worth a look.

    Raises:  InputError for a cell of the grid that isn't there.
    """
    asked, teller = query or Query(), TELLERS[held.run.task.name]
    places, order = teller.choose(held, asked)
    shown = places[first : first + count].tolist()
    return Listing(tuple(teller.tell(held, number, asked) for number in shown), len(places), order)


def tell_sample(held: HeldOut, number: int) -> Sample:
    """Tell one sample by its number.

    Raises:  InputError for a number that isn't there.
    """
    if not 0 <= number < len(held):
        raise InputError(f"sample: found {number}, needed a number from 0 to {len(held) - 1}")
    return TELLERS[held.run.task.name].tell(held, number, Query())
