"""What each task must hold to: its settings come back from a file, its merit says what is good and what can't be."""

from __future__ import annotations

import json
from math import inf

import numpy as np
import pytest

from striate.errors import InputError
from striate.train.tasks.catalogue import TASKS, restore_task
from striate.train.tasks.task import Merit, Task


@pytest.mark.parametrize("lower", [False, True])
def test_a_goal_is_reached_from_the_better_side(lower: bool) -> None:
    merit = Merit("x", lower=lower)
    assert merit.reaches(2.0, 2.0)
    assert merit.reaches(3.0, 2.0) is not lower
    assert merit.reaches(1.0, 2.0) is lower


@pytest.mark.parametrize(
    ("most", "fine", "wrong"), [(1.0, (0.01, 0.95, 1.0), (0.0, -1.0, 1.01)), (inf, (0.1, 90.0), (0.0, -3.0))]
)
def test_a_goal_that_no_run_can_reach_is_refused_with_one_that_can_be(
    most: float, fine: tuple[float, ...], wrong: tuple[float, ...]
) -> None:
    merit = Merit("accuracy", most=most)
    for value in fine:
        merit.check(value)
    for value in wrong:
        with pytest.raises(InputError, match="an accuracy above 0") as caught:
            merit.check(value, "--until")
        message = str(caught.value)
        assert message.startswith(f"--until is {value:g}")
        merit.check(float(message.rsplit("such as ", 1)[1].rstrip(".")))


@pytest.mark.parametrize(("unit", "written"), [("%", "98.77 %"), ("dB", "0.99 dB"), ("", "0.9877")])
def test_a_merit_is_written_with_its_unit(unit: str, written: str) -> None:
    assert Merit("x", unit).write(0.98765) == written


@pytest.mark.parametrize("name", list(TASKS))
def test_each_task_comes_back_from_a_runs_settings(name: str) -> None:
    task = TASKS[name].begin(np.arange(6.0).reshape(3, 2), {})
    again = restore_task(json.loads(json.dumps(task.to_dict())))
    assert again == task
    assert type(again) is TASKS[name]
    assert again.to_dict()["name"] == name


@pytest.mark.parametrize("name", list(TASKS))
def test_each_task_says_how_a_network_ends_and_what_guessing_costs(name: str) -> None:
    task: Task = TASKS[name].begin(np.arange(6.0).reshape(3, 2), {})
    assert "classes" in task.ending
    assert task.describe_output(3, (1, 8, 8))
    assert task.guess(10) > 0
    assert task.word == ("accuracy" if name == "classify" else "merit")
