"""Terms, steps and sums as plain numbers: added up by loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from striate.explain.sums.spelled import CELL, GAP, PADDING, Step, Sum, Terms, write_number

GENERATOR = np.random.default_rng(0)


def make_terms(channels: int, taps: int, states: list[int]) -> Terms:
    count = channels * taps
    weights, inputs = GENERATOR.normal(size=count), GENERATOR.normal(size=count)
    places, source = np.zeros((count, 2), np.int64), np.zeros(count, np.int64)
    return Terms((channels, taps), weights, inputs, places, np.array(states), source, ("input",))


def test_products_are_added_channel_by_channel_and_a_gap_adds_nothing() -> None:
    terms = make_terms(2, 3, [CELL, GAP, PADDING, CELL, CELL, GAP])
    sums = [0.0, 0.0]
    for number in range(6):
        if terms.states[number] != GAP:
            sums[number // 3] += terms.weights[number] * terms.inputs[number]
    assert terms.partial.tolist() == pytest.approx(sums)
    assert terms.total == pytest.approx(sums[0] + sums[1])


def test_an_error_is_relative_to_what_took_part() -> None:
    assert Step("relu", (0,), "", 1.0, 1.0).error == 0
    assert Step("relu", (0,), "", math.nan, math.nan).error == 0
    assert Step("relu", (0,), "", 1.0, 2.0).error == 0.5
    assert Step("sub", (0,), "", 1.0, 2.0, scale=100.0).error == 0.01
    assert Step("add", (0,), "", 1.0, 2.0, facts={"bias": -50.0}).error == 0.02
    assert math.isnan(Step("relu", (0,), "", 1.0, math.nan).error)


def test_terms_that_cancel_count_by_their_sizes() -> None:
    terms = make_terms(1, 4, [CELL] * 4)
    size = sum(abs(weight * value) for weight, value in zip(terms.weights, terms.inputs, strict=True))
    assert Step("conv", (0,), "", 0.0, 1e-3, terms=terms).error == pytest.approx(1e-3 / size)


def test_a_sum_is_as_wrong_as_its_worst_step() -> None:
    steps = (Step("a", (0,), "", 1.0, 1.0), Step("b", (0,), "", 3.0, 4.0), Step("c", (0,), "", 9.0, 10.0))
    assert Sum("a", "conv", (0,), 1.0, 1.0, "", steps).error == 0.25
    assert Sum("a", "conv", (0,), 1.0, 1.0, "", ()).error == 0


def test_numbers_have_six_digits() -> None:
    assert [write_number(each) for each in (1 / 3, 2e7, -0.5)] == ["0.333333", "2e+07", "-0.5"]
