from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.nets.export.parity import measure_error

Floats = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6)


@given(st.lists(st.tuples(Floats, st.floats(-1, 1)), min_size=1, max_size=3))
def test_it_is_the_largest_difference_over_the_largest_value(outputs: list[tuple[list[float], float]]) -> None:
    expected = [np.array(values) for values, _ in outputs]
    found = [values + move for values, (_, move) in zip(expected, outputs, strict=True)]
    worst = 0.0
    for one, other in zip(expected, found, strict=True):
        largest = max(abs(value) for value in one.tolist()) or 1.0
        worst = max(worst, max(abs(a - b) for a, b in zip(one.tolist(), other.tolist(), strict=True)) / largest)
    assert measure_error([(expected, found)]) == pytest.approx(worst, rel=1e-9, abs=1e-12)


def test_the_worst_batch_counts() -> None:
    good, bad = ([np.array([2.0])], [np.array([2.0])]), ([np.array([2.0])], [np.array([3.0])])
    assert measure_error([good]) == 0
    assert measure_error([good, bad, good]) == 0.5


@pytest.mark.parametrize(
    ("expected", "found", "error"),
    [
        ([np.nan, np.inf, 1.0], [np.nan, np.inf, 1.0], 0.0),
        ([np.inf, 4.0], [np.inf, 5.0], 0.25),
        ([1.0, 2.0], [1.0, np.nan], math.inf),
        ([1.0, np.inf], [1.0, -np.inf], math.inf),
        ([1.0, 2.0], [1.0], math.inf),
        ([0.0], [0.5], 0.5),
        ([], [], 0.0),
        ([True, False], [True, True], 1.0),
    ],
)
def test_odd_values(expected: list[float], found: list[float], error: float) -> None:
    assert measure_error([([np.array(expected)], [np.array(found)])]) == error


def test_another_number_of_outputs_is_infinitely_far() -> None:
    one = np.ones(2)
    assert measure_error([([one], [one, one])]) == math.inf
