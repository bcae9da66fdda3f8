from __future__ import annotations

import numpy as np
import pytest
from tests.verbs.heldout.conftest import Hold
from tests.verbs.heldout.test_part import TASKS

from striate.errors import InputError
from striate.train.tasks.catalogue import TASKS as LEARNED
from striate.verbs.heldout import Query
from striate.verbs.heldout.catalogue import TELLERS, count_grid, list_samples, tell_sample

COUNTED = ("classify", "labels", "segment")


def test_every_task_is_told() -> None:
    assert sorted(TELLERS) == sorted(LEARNED) == sorted(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_all_samples_are_listed_once_and_pages_are_parts_of_the_whole(hold: Hold, task: str) -> None:
    held = hold(task)
    whole = list_samples(held, count=len(held))
    numbers = [sample.number for sample in whole.samples]
    assert sorted(numbers) == list(range(len(held)))
    assert whole.total == len(held)
    pages = [list_samples(held, first=first, count=7).samples for first in range(0, len(held), 7)]
    assert [sample for page in pages for sample in page] == list(whole.samples)
    assert [sample.name for sample in whole.samples] == [held.part.names[number] for number in numbers]


@pytest.mark.parametrize("task", COUNTED)
def test_a_cell_opens_as_many_as_it_counts(hold: Hold, task: str) -> None:
    held = hold(task)
    grid = count_grid(held)
    assert grid is not None
    assert grid.counts.shape == (len(grid.rows), len(grid.columns))
    for row in range(len(grid.rows)):
        for column in range(len(grid.columns)):
            found = list_samples(held, Query(row, column), count=len(held))
            if task != "segment":
                assert found.total == grid.counts[row, column]
            assert len({sample.number for sample in found.samples}) == found.total
    if task == "classify":
        assert grid.counts.sum() == held.result.total
        assert np.trace(grid.counts) == held.result.correct
    if task == "labels":
        assert (grid.counts.sum(1) == held.result.total).all()


@pytest.mark.parametrize("task", sorted(set(TASKS) - set(COUNTED)))
def test_what_is_not_counted_has_no_grid(hold: Hold, task: str) -> None:
    assert count_grid(hold(task)) is None


@pytest.mark.parametrize(
    ("task", "cell"), [("classify", (10, 0)), ("classify", (0, 10)), ("labels", (2, 0)), ("segment", (0, 2))]
)
def test_a_cell_that_is_not_there_is_refused(hold: Hold, task: str, cell: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="cell: found"):
        list_samples(hold(task), Query(*cell))


def test_one_sample_is_told_by_its_number(hold: Hold) -> None:
    held = hold("classify")
    assert tell_sample(held, 3) in list_samples(held, count=len(held)).samples
    with pytest.raises(InputError, match="needed a number from 0 to"):
        tell_sample(held, len(held))
