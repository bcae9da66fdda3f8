"""Slices of clips side by side."""

from __future__ import annotations

import numpy as np
import pytest

from striate.report.strips import COLUMNS, GAP, PAPER, choose_slices, lay_slices, to_bytes


@pytest.mark.parametrize("count", [1, 3, 4, 5, 8, 16, 33])
def test_each_slice_stands_where_one_reads_it(count: int) -> None:
    sample = np.random.default_rng(0).integers(0, 255, (2, count, 5, 6))
    laid = lay_slices(sample)
    left = np.full(laid.shape, True)
    for number, place in enumerate(choose_slices(count)):
        top, start = number // COLUMNS * (5 + GAP), number % COLUMNS * (6 + GAP)
        assert np.array_equal(laid[:, top : top + 5, start : start + 6], sample[:, place])
        left[:, top : top + 5, start : start + 6] = False
    assert (laid[left] == PAPER).all()


@pytest.mark.parametrize(("count", "most"), [(9, 8), (16, 8), (100, 8), (7, 3)])
def test_chosen_slices_are_spread_evenly(count: int, most: int) -> None:
    places = choose_slices(count, most)
    assert len(set(places)) == most
    assert max(np.diff(places)) - min(np.diff(places)) <= 1
    assert abs(places[0] - (count - 1 - places[-1])) <= 1


def test_int16_goes_from_black_to_white() -> None:
    assert to_bytes(np.array([-32768, 0, 32767], np.int16)).tolist() == [0, 127, 255]
    assert to_bytes(np.array([3], np.uint8)).tolist() == [3]
