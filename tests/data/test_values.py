from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from striate.data.values import to_bytes
from striate.errors import DataError


def test_bytes_are_kept_as_they_are() -> None:
    part = np.array([[1, 2]], np.uint8)
    [same], value_range, notes = to_bytes([part], "x")
    assert same is part
    assert (value_range, notes) == (None, ())


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=9))
def test_the_unit_range_is_scaled_by_255(values: list[float]) -> None:
    [scaled], value_range, notes = to_bytes([np.array([values], np.float32)], "x")
    assert scaled.tolist() == [[round(Fraction(value) * 255) for value in values]]
    assert (value_range, notes) == ((0.0, 1.0), ())


def test_booleans_are_black_and_white() -> None:
    assert to_bytes([np.array([[True, False]])], "x")[0][0].tolist() == [[255, 0]]


@pytest.mark.parametrize("dtype", [np.int64, np.uint16, np.float64, np.float16])
def test_whole_numbers_below_256_are_kept(dtype: type) -> None:
    [kept], value_range, _ = to_bytes([np.array([[0, 7, 255]], dtype)], "x")
    assert kept.tolist() == [[0, 7, 255]]
    assert value_range is None


def test_other_values_are_scaled_by_one_line_over_all_parts() -> None:
    scaled, value_range, notes = to_bytes([np.array([[-1.0, 0.0]]), np.array([[3.0]])], "x")
    assert [part.tolist() for part in scaled] == [[[0, 64]], [[255]]]
    assert value_range == (-1.0, 3.0)
    assert "from -1 to 3" in notes[0]


def test_a_constant_is_black() -> None:
    assert to_bytes([np.full((2, 2), -5.0)], "x")[0][0].tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none(wrong: float) -> None:
    part = np.zeros((4, 3))
    part[2, 1] = wrong
    with pytest.raises(DataError, match=r"in 1 of 4 inputs, the first is number 2"):
        to_bytes([part], "x")


@pytest.mark.parametrize("part", [np.zeros((2, 2), complex), np.array([["a"]])])
def test_what_is_no_number(part: NDArray[Any]) -> None:
    with pytest.raises(DataError, match="whole numbers or floats"):
        to_bytes([part], "x")
