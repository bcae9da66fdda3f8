from __future__ import annotations

import numpy as np
import pytest

from striate.train.baseline import judge_persistence

READING = {"kind": "series", "columns": ["close"], "target": "close", "aim": "value", "horizon": 1}


def test_the_r2_is_that_of_saying_the_last_value_again() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(0, 1, (50, 1, 4)), rng.normal(0, 1, (50, 1))
    last = inputs[:, 0, -1]
    left, spread = sum((last - labels[:, 0]) ** 2), sum((labels[:, 0] - labels[:, 0].mean()) ** 2)
    found = judge_persistence(inputs, labels, READING, numbers=True)
    assert found is not None
    assert found.merit == pytest.approx(1 - left / spread)
    assert found.to_dict() == {"answer": found.answer, "merit": found.merit, "median": found.median}


def test_a_series_that_stands_still_is_told_wholly_and_no_samples_say_nothing() -> None:
    inputs = np.ones((5, 1, 4), np.float32)
    found = judge_persistence(inputs, np.ones((5, 1), np.float32), READING, numbers=True)
    assert found is not None
    assert (found.merit, found.median) == (1.0, 0.0)
    assert judge_persistence(inputs[:0], np.ones((0, 1), np.float32), READING, numbers=True) is None
    assert judge_persistence(inputs, np.ones(5, np.int64), READING, numbers=False) is None
