"""What a training is to learn: the task's name from what is asked, and the task from the data's labels and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from striate.errors import InputError

if TYPE_CHECKING:
    from striate.data import Dataset
    from striate.train.tasks import Task


def check_task(task: str | None, corrupt: str | None) -> str | None:
    """The task that is asked for, None for what the data say; damage is there to be undone.

    Raises:  InputError for a task that there isn't, or damage beside another.
    """
    from striate.train.tasks import check_name

    if task is not None:
        check_name(task)
    if corrupt is None:
        return task
    if task not in (None, "restore"):
        raise InputError(f"--corrupt {corrupt}: found it beside --task {task}, needed restore. Leave one of them out")
    return "restore"


def make_aim(dataset: Dataset, corrupt: str | None) -> Task:
    """The task for a data set, with what was asked of it.

    Raises:  InputError for what the data can't serve.
    """
    from striate.train.tasks import make_task

    facts, inputs = dataset.facts, dataset.train.inputs
    options: dict[str, Any] = {
        "corrupt": corrupt,
        "kind": facts.kind,
        "axes": len(facts.extents),
        "dtype": str(inputs.dtype),
        "paired": bool((dataset.reading or {}).get("paired")),
    }
    return make_task(dataset.task, dataset.train.labels, options)
