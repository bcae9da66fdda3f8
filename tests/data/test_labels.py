from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from striate.data.labels import read_labels
from striate.errors import DataError


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"),
    [
        (np.array([10, 9, 10]), ("9", "10"), [1, 0, 1]),
        (np.array([-1, 1, -1]), ("-1", "1"), [0, 1, 0]),
        (np.array(["dog", "cat"]), ("cat", "dog"), [1, 0]),
        (np.array(["dog", "cat"], object), ("cat", "dog"), [1, 0]),
        (np.array([b"dog", b"cat"]), ("cat", "dog"), [1, 0]),
        (np.array([True, False]), ("0", "1"), [1, 0]),
        (np.array([2.0, 1.0]), ("1", "2"), [1, 0]),
        (np.array([[4], [2]], np.uint8), ("2", "4"), [1, 0]),
        (np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]), ("0", "1", "2"), [2, 0, 1]),
        (np.array([2**63], np.uint64) - np.uint64(1), (str(2**63 - 1),), [0]),
    ],
)
def test_any_labels_become_numbers(labels: NDArray[Any], classes: tuple[str, ...], numbers: list[int]) -> None:
    found, places = read_labels([labels], "x")
    assert (found, places.tolist()) == (classes, numbers)
    assert places.dtype == np.int64


def test_parts_share_one_numbering() -> None:
    classes, places = read_labels([np.array([3, 1]), np.array([2])], "x")
    assert (classes, places.tolist()) == (("1", "2", "3"), [2, 0, 1])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0.5, 1.0]), "fractions"),
        (np.array([np.nan, 1.0]), "fractions"),
        (np.array([[1, 1], [0, 1]]), "not one-hot"),
        (np.zeros((2, 2, 2)), "shape"),
        (np.array([None, "cat"], object), "type object"),
    ],
)
def test_labels_that_are_no_classes(labels: NDArray[Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labels([labels], "x")


def test_text_beside_numbers() -> None:
    with pytest.raises(DataError, match="text in one part"):
        read_labels([np.array([1]), np.array(["cat"])], "x")
