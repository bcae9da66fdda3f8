"""Gains against plain means, and what silence does."""

from __future__ import annotations

import numpy as np
import pytest

from striate.train.tasks.gains import measure_gains


def test_means_and_intervals() -> None:
    rng = np.random.default_rng(0)
    pairs = rng.normal([[20.0, 12.0]], [[2.0, 1.0]], (400, 2))
    found = measure_gains(pairs, seed=3)
    for name, values in (("restored", pairs[:, 0]), ("damaged", pairs[:, 1]), ("gain", pairs[:, 0] - pairs[:, 1])):
        assert found[name] == pytest.approx(float(np.mean(values)))
        low, high = found[f"{name}_interval"]
        wide = 1.96 * values.std() / 20  # of the normal law
        assert (low, high) == pytest.approx((values.mean() - wide, values.mean() + wide), abs=0.25 * wide)
    assert found["better"] == np.mean([a > b for a, b in pairs])
    assert measure_gains(pairs, seed=3) == found


def test_silent_samples_are_left_out_and_counted() -> None:
    pairs = np.array([[np.nan, np.nan], [10.0, 4.0], [12.0, 4.0]])
    found = measure_gains(pairs)
    assert (found["silent"], found["restored"], found["gain"]) == (1, 11.0, 7.0)
    assert measure_gains(pairs[:1])["restored"] == 0.0
