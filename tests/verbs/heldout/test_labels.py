from __future__ import annotations

from tests.verbs.heldout.conftest import Hold

from striate.verbs.heldout import HeldOut, Query
from striate.verbs.heldout.catalogue import list_samples
from striate.verbs.heldout.labels import COLUMNS


def name_column(held: HeldOut, number: int, label: int) -> str:
    has, said = bool(held.part.labels[number][label]), held.answers[number][label] >= 0.5
    return ("found" if said else "missed") if has else ("seen wrongly" if said else "rightly left out")


def test_each_cell_holds_the_samples_that_are_so(hold: Hold) -> None:
    held = hold("labels")
    for label in range(2):
        for column, name in enumerate(COLUMNS):
            found = {each.number for each in list_samples(held, Query(label, column), count=len(held)).samples}
            assert found == {number for number in range(len(held)) if name_column(held, number, label) == name}


def test_the_surest_come_first(hold: Hold) -> None:
    held = hold("labels")
    for column in range(4):
        scores = [each.certainty or 0.0 for each in list_samples(held, Query(0, column), count=99).samples]
        assert scores == sorted(scores, reverse=column in (0, 2))


def test_wrong_are_those_with_a_wrong_label(hold: Hold) -> None:
    held = hold("labels")
    wrong = list_samples(held, Query(only="wrong"), count=len(held)).samples
    expected = {n for n in range(len(held)) if any(name_column(held, n, label) in COLUMNS[1:3] for label in range(2))}
    assert {each.number for each in wrong} == expected
    assert all(each.truth != each.answer and each.right is False for each in wrong)
