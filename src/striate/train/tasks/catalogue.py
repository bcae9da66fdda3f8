"""The tasks that can be learned: a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from numpy.typing import NDArray

from striate.errors import InputError
from striate.train.tasks.classify import Classify
from striate.train.tasks.continuing import Continue
from striate.train.tasks.labels import Labels
from striate.train.tasks.regress import Regress
from striate.train.tasks.restore import Restore
from striate.train.tasks.segment import Segment
from striate.train.tasks.task import Task

TASKS: dict[str, type[Task]] = {task.name: task for task in (Classify, Labels, Regress, Restore, Segment, Continue)}


def check_name(name: str) -> None:
    """Refuse a task that there isn't.

    >>> check_name("guess")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    striate.errors.InputError: --task is 'guess', needed classify, labels, regress, ... Choose one of these
    """
    if name not in TASKS:
        *most, last = TASKS
        raise InputError(f"--task is {name!r}, needed {', '.join(most)} or {last}. Choose one of these")


def make_task(name: str, targets: NDArray[Any], options: Mapping[str, Any]) -> Task:
    """The task of this name for a run's training labels."""
    check_name(name)
    return TASKS[name].begin(targets, options)


def restore_task(values: Mapping[str, Any]) -> Task:
    """The task that `to_dict` wrote, also after a way through JSON.

    Raises:  InputError for a task, or a setting of one, that isn't known.

    >>> restore_task(Regress((0.5,), (2.0,)).to_dict()) == Regress((0.5,), (2.0,))
    True
    """
    rest = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    kind = TASKS.get(str(rest.pop("name", "")))
    unknown = [] if kind is None else sorted(rest.keys() - {each.name for each in fields(kind)})
    if kind is None or unknown:
        found = f"setting {unknown[0]!r}" if unknown else f"name {values.get('name')!r}"
        raise InputError(f"task: unknown {found}; was it written by a newer Striate?")
    return kind(**rest)
