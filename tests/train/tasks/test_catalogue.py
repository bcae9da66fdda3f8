"""The tasks that there are: each found by its name, made with its own options, and none that isn't there."""

from __future__ import annotations

import numpy as np
import pytest

from striate.errors import InputError
from striate.train.tasks import Regress
from striate.train.tasks.catalogue import TASKS, check_name, make_task, restore_task


def test_each_is_listed_by_its_own_name() -> None:
    assert all(name == task.name for name, task in TASKS.items())
    for name in TASKS:
        check_name(name)


@pytest.mark.parametrize("name", ["", "guess", "Classify", "classify "])
def test_another_name_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(InputError) as caught:
        make_task(name, np.zeros(3), {})
    assert repr(name) in str(caught.value)
    assert all(each in str(caught.value) for each in TASKS)


def test_a_task_is_settled_from_the_training_labels() -> None:
    labels = np.array([[1.0, 10.0], [3.0, 10.0], [5.0, 40.0]])
    task = make_task("regress", labels, {})
    assert isinstance(task, Regress)
    assert task == make_task("regress", labels[::-1].copy(), {})
    assert task != make_task("regress", 2 * labels, {})
    assert restore_task(task.to_dict()) == task


@pytest.mark.parametrize("wrong", [{}, {"name": "guess"}, {"name": "classify", "colour": 3}, {"name": None}])
def test_settings_of_a_task_that_is_not_known_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="was it written by a newer Striate"):
        restore_task(wrong)


def test_lists_from_a_file_become_what_they_were() -> None:
    assert restore_task({"name": "regress", "mean": [0.5], "std": [2.0]}) == Regress((0.5,), (2.0,))
