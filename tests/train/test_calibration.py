"""Calibration against sums in loops, and the temperature against a search over the likelihood itself."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, exp, fsum, isnan, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.errors import InputError
from striate.train.calibration import HIGHEST, LOWEST, fit_temperature, measure_ece, reliability, scale
from striate.train.scores import Scores, measure_loss, predictions, softmax


def make_scores(seed: int, sharpness: float = 3.0, samples: int = 200) -> Scores:
    """Draw logits whose labels follow their softmax, then sharpen them: the right temperature is near `sharpness`."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(samples, 4)) * 1.5
    labels = (softmax(logits).cumsum(1) < rng.random((samples, 1))).sum(1).clip(max=3)
    return Scores(logits * sharpness, labels)


def search_temperature(scores: Scores) -> float:
    """Golden-section search for the least mean negative log-likelihood, over log T."""
    ratio = (sqrt(5) - 1) / 2

    def loss(power: float) -> float:
        rows = (scores.logits / exp(power)).tolist()
        terms = (log(fsum(exp(v - row[y]) for v in row)) for row, y in zip(rows, scores.labels.tolist(), strict=True))
        return fsum(terms)

    low, high = log(0.2), log(20)
    for _ in range(45):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return exp((low + high) / 2)


seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 20))
def test_ece_is_its_sum(seed: int, bins: int) -> None:
    scores = make_scores(seed)
    probabilities = softmax(scores.logits)
    members: dict[int, list[tuple[float, bool]]] = {}
    for row, label in zip(probabilities.tolist(), scores.labels.tolist(), strict=True):
        sure = max(row)
        members.setdefault(ceil(Fraction(sure) * bins), []).append((sure, row.index(sure) == label))
    gaps = [abs(sum(right for _, right in m) - fsum(sure for sure, _ in m)) for m in members.values()]
    assert measure_ece(probabilities, scores.labels, bins) == pytest.approx(fsum(gaps) / 200)
    rows = reliability(probabilities, scores.labels, bins)
    assert {i + 1: row.count for i, row in enumerate(rows) if row.count} == {i: len(m) for i, m in members.items()}


def test_bins_own_their_upper_edge() -> None:
    probabilities = np.array([[0.6, 0.4], [0.600001, 0.399999], [1.0, 0.0], [0.5, 0.5]])
    counts = [row.count for row in reliability(probabilities, np.zeros(4, np.int64), 5)]
    assert counts == [0, 0, 2, 1, 1]


def test_perfect_and_worst_calibration() -> None:
    certain = np.eye(3)[np.array([0, 1, 2, 0])]
    assert measure_ece(certain, np.array([0, 1, 2, 0])) == 0
    assert measure_ece(certain, np.array([1, 2, 0, 1])) == 1


def test_no_samples_have_no_calibration_error() -> None:
    assert isnan(measure_ece(np.zeros((0, 3)), np.zeros(0, np.int64)))
    assert all(isnan(row.accuracy) for row in reliability(np.zeros((0, 3)), np.zeros(0, np.int64)))


def test_no_bins_are_refused() -> None:
    with pytest.raises(InputError, match="bins"):
        reliability(np.ones((1, 1)), np.zeros(1, np.int64), 0)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 4.0])
def test_temperature_is_the_likeliest(sharpness: float) -> None:
    scores = make_scores(3, sharpness)
    assert fit_temperature(scores) == pytest.approx(search_temperature(scores), rel=1e-5)


@given(seeds)
def test_temperature_leaves_no_better_neighbour(seed: int) -> None:
    scores = make_scores(seed)
    best = fit_temperature(scores)
    loss = measure_loss(Scores(scale(scores.logits, best), scores.labels))
    for other in (best * 0.99, best * 1.01, 1.0):
        assert loss <= measure_loss(Scores(scale(scores.logits, other), scores.labels)) + 1e-12


@given(seeds, st.floats(0.2, 5))
def test_temperature_scales_with_the_logits(seed: int, factor: float) -> None:
    scores = make_scores(seed)
    scaled = Scores(scores.logits * factor, scores.labels)
    assert fit_temperature(scaled) == pytest.approx(factor * fit_temperature(scores), rel=1e-6)


def test_scaling_mends_calibration_and_changes_no_answer() -> None:
    scores = make_scores(5, 4.0, samples=4000)
    mended = Scores(scale(scores.logits, fit_temperature(scores)), scores.labels)
    before, after = (measure_ece(softmax(s.logits), s.labels) for s in (scores, mended))
    assert after < before / 4
    assert (predictions(scores) == predictions(mended)).all()


def test_ends_where_the_likelihood_has_no_minimum() -> None:
    right = Scores(np.array([[3.0, 0.0], [0.0, 2.0]]), np.array([0, 1]))
    wrong = Scores(right.logits, 1 - right.labels)
    flat = Scores(np.ones((4, 3)), np.array([0, 1, 2, 0]))
    assert (fit_temperature(right), fit_temperature(wrong), fit_temperature(flat)) == (LOWEST, HIGHEST, 1.0)


def test_no_samples_have_no_temperature() -> None:
    with pytest.raises(InputError, match="validation part"):
        fit_temperature(Scores(np.zeros((0, 2)), np.zeros(0, np.int64)))
