"""What the samples of a set are to teach: its task, the form of the labels for that, how to split and count them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from striate.data.levels import LEVELS
from striate.data.part import Integers, Labels
from striate.data.pool import Pool
from striate.errors import DataError

CLASSIFY, LABELS, REGRESS = "classify", "labels", "regress"
CONTINUE = "continue"
WITHIN = ("restore", CONTINUE)  # tasks whose targets are the samples themselves
CHANNELS = {1: ("value",), 3: ("red", "green", "blue")}


def settle_task(pool: Pool, task: str | None, name: str) -> Pool:
    """The pool with its labels in the form that a task needs; as it is where no task is asked for.

    Classes become labels (one each), and numbers where all their names are. What learns from the samples alone takes
    any pool; its outputs are named by the channels.

    Raises: DataError where the set doesn't say what the task needs.
    """
    if task in (None, pool.task):
        return pool
    if task == CONTINUE:
        _check_sequences(pool, name)
        return replace(pool, task=CONTINUE, classes=tuple(map(str, range(LEVELS))))
    if task in WITHIN:
        channels = pool.inputs.shape[1]
        names = CHANNELS.get(channels, tuple(f"channel {number}" for number in range(channels)))
        return replace(pool, task=str(task), classes=names)
    if task == LABELS and pool.task == CLASSIFY:
        return replace(pool, task=LABELS, labels=pool.labels[:, None] == np.arange(len(pool.classes)))
    if task == REGRESS and pool.task == CLASSIFY:
        return replace(pool, task=REGRESS, classes=("target",), labels=_read_numbers(pool, name))
    raise DataError(
        f"{name}: found data for the task {pool.task}, needed some for {task} "
        f"({_NEEDED.get(str(task), 'its own form')})"
    )


def _check_sequences(pool: Pool, name: str) -> None:
    """Refuse what has no single next sample, or not one of 256 levels."""
    kind, shape = pool.kind, pool.inputs.shape[1:]
    if len(shape) != 2 or shape[0] != 1 or kind not in ("sound", "arrays") or pool.inputs.dtype != np.uint8:
        found = f"{name}: found {kind} of {'x'.join(map(str, shape))}"
        raise DataError(f"{found}, needed recordings, mixed to one channel, or arrays [N, 1, length], to continue them")


def _read_numbers(pool: Pool, name: str) -> Labels:
    """The classes' names as numbers, a row a sample."""
    try:
        values = np.array([float(each) for each in pool.classes])
    except ValueError:
        values = np.array([math.nan])
    if not np.isfinite(values).all():
        found = f"{name}: found classes that are no numbers ({', '.join(pool.classes[:3])})"
        raise DataError(f"{found}, needed numbers to regress on. {_NEEDED[REGRESS]}")
    numbers: Labels = values[pool.labels].astype(np.float32)[:, None]
    return numbers


_NEEDED = {
    "classify": "a folder for each class, or a labels.csv with the columns file,label",
    "labels": "a labels.csv with the columns file,labels; labels stand between semicolons",
    "regress": "a labels.csv with the columns file,target, or file and a column for each number",
    "segment": "the folders images and masks",
}


def stratify(task: str, labels: Labels) -> Integers:
    """Which stratum each sample is in, so that a split takes its share of each: its class, or its rarest label.

    Samples of other tasks are all in one.

    >>> stratify("classify", np.array([2, 0])), stratify("regress", np.array([[0.5], [0.25]]))
    (array([2, 0]), array([0, 0]))
    >>> stratify("labels", np.array([[True, True], [True, False], [False, False]]))
    array([2, 1, 0])
    """
    if task == CLASSIFY:
        return labels
    if task != LABELS or not len(labels):
        return np.zeros(len(labels), np.int64)
    rarity = np.argsort(labels.sum(0), kind="stable")
    ordered = labels[:, rarity]
    return np.where(ordered.any(1), rarity[ordered.argmax(1)] + 1, 0)


def count_samples(task: str, labels: Labels, classes: int) -> tuple[int, ...]:
    """How many samples each class, or each label, has; nothing for other tasks.

    >>> count_samples("classify", np.array([1, 1]), 2), count_samples("labels", np.array([[True, True]]), 2)
    ((0, 2), (1, 1))
    """
    if task == CLASSIFY:
        return tuple(np.bincount(labels, minlength=classes).tolist())
    return tuple(labels.sum(0).tolist()) if task == LABELS else ()
