"""What a set's labels become for the task that is asked of it."""

from __future__ import annotations

import numpy as np
import pytest

from striate.data.pool import Pool
from striate.data.targets import count_samples, settle_task, stratify
from striate.errors import DataError


def make_pool(classes: tuple[str, ...], labels: list[int]) -> Pool:
    inputs = np.zeros((len(labels), 3, 4, 4), np.uint8)
    names = [str(number) for number in range(len(labels))]
    sides = np.zeros(len(labels), np.int8)
    numbers = np.array(labels, np.int64)
    return Pool(inputs, numbers, names, sides, classes, "images", (4, 4), (4, 4))


def test_without_a_task_and_with_its_own_nothing_changes() -> None:
    pool = make_pool(("a", "b"), [0, 1])
    assert settle_task(pool, None, "x") is pool
    assert settle_task(pool, "classify", "x") is pool


def test_a_class_is_a_label_of_its_own() -> None:
    found = settle_task(make_pool(("a", "b", "c"), [2, 0]), "labels", "x")
    assert (found.task, found.classes, found.labels.tolist()) == (
        "labels", ("a", "b", "c"), [[False, False, True], [True, False, False]]
    )  # fmt: skip


def test_classes_that_are_numbers_are_regressed_on() -> None:
    found = settle_task(make_pool(("-1.5", "10"), [1, 0, 1]), "regress", "x")
    assert (found.task, found.classes, found.labels.tolist()) == ("regress", ("target",), [[10], [-1.5], [10]])
    with pytest.raises(DataError, match=r"classes that are no numbers \(a, 1\)"):
        settle_task(make_pool(("a", "1"), [0, 1]), "regress", "x")
    numbers = settle_task(make_pool(("1", "2"), [0, 1]), "regress", "x")
    with pytest.raises(DataError, match="found data for the task regress, needed some for labels"):
        settle_task(numbers, "labels", "x")


def test_each_stratum_is_the_rarest_label_by_hand() -> None:
    labels = np.random.default_rng(0).random((40, 5)) < [0.1, 0.7, 0.3, 0.5, 0.0]
    counts = labels.sum(0)
    for row, found in zip(labels, stratify("labels", labels), strict=True):
        held = sorted((int(counts[place]), place) for place in range(5) if row[place])
        assert found == (held[0][1] + 1 if held else 0)
    assert not stratify("regress", np.zeros((4, 2))).any()
    assert count_samples("labels", labels, 5) == tuple(counts)
    assert count_samples("regress", np.zeros((4, 2)), 2) == ()
