"""What is asked of a training, against every pair of task and damage that there is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from striate.errors import InputError
from striate.train.tasks.catalogue import TASKS
from striate.train.tasks.restore import Restore
from striate.verbs.aiming import check_task, make_aim


@pytest.mark.parametrize("task", [None, *TASKS])
def test_without_damage_the_task_is_what_was_asked_for(task: str | None) -> None:
    assert check_task(task, None) == task


@pytest.mark.parametrize("task", [None, "restore"])
def test_damage_asks_for_its_undoing(task: str | None) -> None:
    assert check_task(task, "noise=0.1") == "restore"


@pytest.mark.parametrize("task", sorted(TASKS.keys() - {"restore"}))
def test_damage_beside_another_task_is_refused_with_both_named(task: str) -> None:
    with pytest.raises(InputError, match=rf"--corrupt blur=2: found it beside --task {task}, needed restore"):
        check_task(task, "blur=2")


@pytest.mark.parametrize("corrupt", [None, "blur=2"])
def test_a_task_that_there_is_not_is_refused_first(corrupt: str | None) -> None:
    with pytest.raises(InputError, match=r"--task is 'guess', needed .*Choose one of these"):
        check_task("guess", corrupt)


def make_dataset(task: str, labels: Any, **more: Any) -> Any:
    """What of a data set a task is made from."""
    inputs = np.zeros((len(labels), 1, 4, 4), more.pop("dtype", np.uint8))
    facts = SimpleNamespace(kind=more.pop("kind", "images"), extents=(4, 4))
    return SimpleNamespace(task=task, facts=facts, train=SimpleNamespace(inputs=inputs, labels=labels), reading=more)


@pytest.mark.parametrize("task", ["classify", "regress", "labels"])
def test_the_task_is_the_one_that_the_data_name(task: str) -> None:
    labels = {"classify": np.arange(6) % 3, "regress": np.linspace(0, 1, 6)[:, None], "labels": np.eye(6, 3)}[task]
    assert (
        make_aim(make_dataset(task, labels.astype(np.float32 if task != "classify" else np.int64)), None).name == task
    )


def test_numbers_to_tell_are_scaled_by_the_training_labels() -> None:
    labels = np.random.default_rng(0).normal(5, 3, (20, 2)).astype(np.float32)
    aim: Any = make_aim(make_dataset("regress", labels), None)
    for place in range(2):
        column = [float(row[place]) for row in labels]
        mean = sum(column) / len(column)
        spread = (sum((number - mean) ** 2 for number in column) / len(column)) ** 0.5
        assert (aim.mean[place], aim.std[place]) == (pytest.approx(mean), pytest.approx(spread))


def test_the_damage_reaches_the_task_as_it_was_asked_for() -> None:
    aim = make_aim(make_dataset("restore", np.zeros((6, 1, 4, 4), np.uint8)), "noise=0.25")
    assert isinstance(aim, Restore)
    assert aim.corrupt == "noise=0.25"


def test_damage_is_refused_where_the_data_bring_both() -> None:
    paired = make_dataset("restore", np.zeros((6, 1, 4, 4), np.uint8), paired=True)
    assert make_aim(paired, None).name == "restore"
    with pytest.raises(InputError, match="the data bring damaged and clean samples"):
        make_aim(paired, "noise=0.25")
