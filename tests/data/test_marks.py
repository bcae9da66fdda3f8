"""What files and arrays are marked with, as the labels of a set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from striate.data.marks import gather_arrays, gather_labels
from striate.data.pool import Side
from striate.data.store import Entry
from striate.data.tree import Labelled
from striate.errors import DataError


def mark(
    name: str, label: str = "", task: str = "classify", marks: tuple[Any, ...] = (), columns: Any = ()
) -> Labelled:
    return Labelled(Entry(name, 0, 0, name, 0), name, label, Side.UNSAID, task, marks, columns)


def test_classes_are_numbered_by_name() -> None:
    task, names, labels = gather_labels([mark("1", "b"), mark("2", "a"), mark("3", "b")])
    assert (task, names, labels.tolist()) == ("classify", ("a", "b"), [1, 0, 1])


def test_labels_are_a_column_each_and_a_file_may_have_none() -> None:
    files = [
        mark("1", task="labels", marks=("wet", "cold")),
        mark("2", task="labels"),
        mark("3", task="labels", marks=("wet",)),
    ]
    task, names, labels = gather_labels(files)
    assert (task, names) == ("labels", ("cold", "wet"))
    assert labels.dtype == bool
    assert labels.tolist() == [[True, True], [False, False], [False, True]]


def test_numbers_keep_their_columns() -> None:
    files = [mark(str(n), task="regress", marks=(n / 2, -n), columns=("x", "y")) for n in range(3)]
    task, names, labels = gather_labels(files)
    assert (task, names) == ("regress", ("x", "y"))
    assert labels.dtype == np.float32
    assert labels.tolist() == [[0, 0], [0.5, -1], [1, -2]]


def test_no_files_are_no_classes() -> None:
    assert gather_labels([])[:2] == ("classify", ())


@pytest.mark.parametrize(
    ("part", "task", "found"),
    [
        ([0, 1, 2], None, "classify"),
        ([0.0, 1.0], None, "classify"),
        ([0.5, 1.0], None, "regress"),
        ([[0.5, 1.0], [2.0, 3.0]], None, "regress"),
        ([[0, 1], [1, 1]], None, "labels"),
        ([[0, 1], [1, 0]], None, "classify"),
        ([[0, 1], [1, 0]], "labels", "labels"),
        ([0, 1, 2], "regress", "regress"),
        (["a", "b"], None, "classify"),
        (["a", "b"], "regress", "classify"),
    ],
)
def test_arrays_say_by_their_values_what_they_teach(part: list[Any], task: str | None, found: str) -> None:
    named, names, labels = gather_arrays([np.array(part)], "x", task)
    assert named == found
    assert len(labels) == len(part)
    assert found == "classify" or labels.shape[1] == len(names)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([np.array([0.5, np.nan])], "found NaN or infinity in the labels, first in number 1"),
        ([np.array([[0.5, 1]]), np.array([[0.5, 1, 2]])], "labels of different shapes"),
    ],
)
def test_refused_in_one_line(parts: list[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        gather_arrays(parts, "x", "regress")
