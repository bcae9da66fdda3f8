"""The 256 levels: by the formula one sample at a time, there and back, and where a recording ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.data.levels import LEVELS, SILENT, count_sounding, expand, quantise


def bend(value: float) -> int:
    """The formula of section 2.2 for one number, brought from -1..1 to the nearest of 0..255."""
    bent = math.copysign(math.log(1 + 255 * abs(value)) / math.log(256), value)
    return min(range(LEVELS), key=lambda level: (abs(level - (bent + 1) / 2 * 255), -level))


@pytest.mark.parametrize("value", [-1.0, -0.7, -0.01, -1e-5, 0.0, 1e-5, 0.003, 0.5, 0.999, 1.0])
def test_a_level_is_the_nearest_of_the_formula(value: float) -> None:
    assert quantise(np.array([value]))[0] == bend(value)


def test_every_level_comes_back_as_itself() -> None:
    levels = np.arange(LEVELS)
    assert np.array_equal(quantise(expand(levels)), levels)


def test_bounds_between_levels_are_halves() -> None:
    bounds = expand(np.arange(LEVELS - 1) + 0.5).astype(np.float64)
    assert np.array_equal(quantise(bounds - 1e-6), np.arange(LEVELS - 1))
    assert np.array_equal(quantise(bounds + 1e-6), np.arange(1, LEVELS))


def test_beyond_full_scale_is_cut_off() -> None:
    assert quantise(np.array([-7.0, 7.0])).tolist() == [0, 255]


def test_levels_are_finer_where_it_is_quiet() -> None:
    steps = np.diff(expand(np.arange(LEVELS)))
    assert (np.diff(steps[128:]) > 0).all()
    assert steps[254] > 100 * steps[128]


def test_the_silence_at_the_end_alone_is_no_part_of_a_recording() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (40, 1, 9)).astype(np.uint8)
    levels[levels > 100] = SILENT
    for row, found in zip(levels[:, 0], count_sounding(levels), strict=True):
        values = row.tolist()
        while values and values[-1] == SILENT:
            values.pop()
        assert found == len(values)
