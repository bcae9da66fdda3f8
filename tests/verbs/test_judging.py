"""Labels of other data in the order of a run's outputs, and figures as JSON has them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from striate.errors import DataError
from striate.verbs.judging import arrange_labels, write_plain


@dataclass(frozen=True)
class Named:
    """As much of a run, or of a data set, as is looked at."""

    classes: tuple[str, ...]
    task: Any = None
    source: str = "data"


@dataclass(frozen=True)
class Task:
    name: str


def arrange(task: str, had: tuple[str, ...], known: tuple[str, ...], labels: Any) -> Any:
    dataset: Any = Named(had)
    run: Any = Named(known, Task(task))
    return arrange_labels(np.array(labels), dataset, run)


def test_labels_are_found_by_name_and_one_that_no_sample_has_is_no() -> None:
    found = arrange("labels", ("cat", "dog"), ("dog", "bird", "cat"), [[True, False], [True, True]])
    assert found.tolist() == [[False, False, True], [True, False, True]]


def test_columns_of_numbers_may_stand_in_another_order_alone() -> None:
    assert arrange("regress", ("x", "y"), ("y", "x"), [[1.0, 2.0]]).tolist() == [[2.0, 1.0]]
    with pytest.raises(DataError, match="found the columns x, needed y, x, as the run knows them"):
        arrange("regress", ("x",), ("y", "x"), [[1.0]])
    with pytest.raises(DataError, match="found label `fox`, needed one that the run knows"):
        arrange("labels", ("fox",), ("cat",), [[True]])


def test_what_is_not_finite_is_none_in_json() -> None:
    assert write_plain({"a": (1.0, nan), "b": [{"c": inf}], "d": "x"}) == {
        "a": [1.0, None],
        "b": [{"c": None}],
        "d": "x",
    }
