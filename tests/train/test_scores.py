"""Each figure against a twin that counts in loops, solves its equation by bisection, or is scikit-learn's."""

from __future__ import annotations

from math import exp, fsum, isnan, log, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, top_k_accuracy_score

from striate.errors import InputError
from striate.train.scores import (
    Scores,
    bound_accuracy,
    count_confusion,
    log_softmax,
    measure_accuracy,
    measure_balanced,
    measure_loss,
    measure_top,
    predictions,
    rank_mistakes,
    softmax,
    tabulate_classes,
)


def make_scores(seed: int, samples: int = 40, classes: int = 5) -> Scores:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(samples, classes)).round(1).astype(np.float32)  # rounded, so that some tie
    return Scores(logits, rng.integers(0, classes, samples))


seeds = st.integers(0, 2**32 - 1)


def solve_wilson(correct: int, total: int, confidence: float, upper: bool) -> float:
    """Bisect |share - p| = z sqrt(p (1 - p) / total) on one side of the share."""
    share, z = correct / total, NormalDist().inv_cdf((1 + confidence) / 2)
    inner, outer = share, 1.0 if upper else 0.0
    for _ in range(200):
        p = (inner + outer) / 2
        if abs(share - p) < z * sqrt(p * (1 - p) / total):
            inner = p
        else:
            outer = p
    return (inner + outer) / 2


@given(
    st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.5, 0.9, 0.95])
)
def test_interval_solves_its_equation(counts: tuple[int, int], confidence: float) -> None:
    correct, total = counts
    low, high = bound_accuracy(correct, total, confidence)
    assert low == pytest.approx(solve_wilson(correct, total, confidence, upper=False), abs=1e-9)
    assert high == pytest.approx(solve_wilson(correct, total, confidence, upper=True), abs=1e-9)
    assert 0 <= low <= correct / total <= high <= 1


@given(st.integers(0, 100), st.integers(0, 100))
def test_interval_is_symmetric(right: int, wrong: int) -> None:
    low, high = bound_accuracy(right, right + wrong)
    mirrored = bound_accuracy(wrong, right + wrong)
    assert (1 - high, 1 - low) == pytest.approx(mirrored)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    total, truth = 60, 0.8
    chance = [exp(log_choose(total, k) + k * log(truth) + (total - k) * log(1 - truth)) for k in range(total + 1)]
    bounds = [bound_accuracy(k, total) for k in range(total + 1)]
    covered = fsum(p for p, (low, high) in zip(chance, bounds, strict=True) if low <= truth <= high)
    assert 0.93 < covered < 0.97


def log_choose(total: int, count: int) -> float:
    return fsum(log(total - i) - log(i + 1) for i in range(count))


@pytest.mark.parametrize(("correct", "total", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 0.0)])
def test_interval_refuses_what_cannot_be(correct: int, total: int, confidence: float) -> None:
    with pytest.raises(InputError, match="interval"):
        bound_accuracy(correct, total, confidence)


@given(seeds)
def test_softmax_and_loss_are_the_sums_they_stand_for(seed: int) -> None:
    scores = make_scores(seed)
    rows = [[exp(v) for v in row] for row in scores.logits.tolist()]
    shares = [[v / fsum(row) for v in row] for row in rows]
    assert softmax(scores.logits) == pytest.approx(np.array(shares))
    loss = -fsum(log(row[label]) for row, label in zip(shares, scores.labels, strict=True)) / len(rows)
    assert measure_loss(scores) == pytest.approx(loss)


def test_huge_logits_do_not_overflow() -> None:
    logits = np.array([[3e38, -3e38, 0]], np.float32)
    assert softmax(logits).tolist() == [[1, 0, 0]]
    assert np.isfinite(log_softmax(logits)).all()


@given(seeds)
def test_accuracies_count_in_a_loop(seed: int) -> None:
    scores = make_scores(seed)
    orders = [[k for _, k in sorted((-value, k) for k, value in enumerate(row))] for row in scores.logits.tolist()]
    assert predictions(scores).tolist() == [order[0] for order in orders]
    for k in (1, 2, 5):
        hits = sum(label in order[:k] for order, label in zip(orders, scores.labels, strict=True))
        assert measure_top(scores, k) == pytest.approx(hits / 40)
    assert measure_accuracy(scores) == measure_top(scores, 1)


def test_top_is_that_of_scikit_learn_where_nothing_ties() -> None:
    rng = np.random.default_rng(1)
    scores = Scores(rng.normal(size=(200, 12)), rng.integers(0, 12, 200))
    expected = top_k_accuracy_score(scores.labels, scores.logits, k=5, labels=range(12))
    assert measure_top(scores) == pytest.approx(expected)


@given(seeds)
def test_tables_are_those_of_scikit_learn(seed: int) -> None:
    scores = make_scores(seed, samples=12)  # so few that some class often lacks samples or answers
    counts = count_confusion(scores, 5)
    answers = scores.logits.argmax(1)
    assert (counts == confusion_matrix(scores.labels, answers, labels=range(5))).all()
    assert np.trace(counts) == round(measure_accuracy(scores) * 12)
    twin = precision_recall_fscore_support(scores.labels, answers, labels=range(5), zero_division=np.nan)
    rows = tabulate_classes(scores)
    found = np.array([[row.precision, row.recall, row.f1, row.support] for row in rows]).T
    np.testing.assert_allclose(found, np.array(twin, float))


def test_confusion_makes_room_for_classes_without_scores() -> None:
    counts = count_confusion(make_scores(0), 7)
    assert counts.shape == (7, 7)
    assert not counts[5:].any()
    with pytest.raises(InputError, match="Name them all"):
        count_confusion(make_scores(0), 4)


@given(seeds, st.integers(0, 50))
def test_mistakes_come_the_surest_first(seed: int, count: int) -> None:
    scores = make_scores(seed)
    wrong = [i for i in range(40) if scores.logits[i].argmax() != scores.labels[i]]
    sure = {i: 1 / fsum(exp(float(v) - float(scores.logits[i].max())) for v in scores.logits[i]) for i in wrong}
    chosen = rank_mistakes(scores, count).tolist()
    assert len(chosen) == min(count, len(wrong))
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= set(wrong)
    assert [sure[i] for i in chosen] == pytest.approx(sorted(sure.values(), reverse=True)[:count])


def test_no_samples_give_no_figures_and_no_warnings() -> None:
    scores = Scores(np.zeros((0, 3), np.float32), np.zeros(0, np.int64))
    assert all(map(isnan, (measure_accuracy(scores), measure_loss(scores), measure_top(scores))))
    assert bound_accuracy(0, 0) == (0, 1)
    assert count_confusion(scores, 3).sum() == 0
    assert rank_mistakes(scores, 5).size == 0
    assert [row.support for row in tabulate_classes(scores)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("logits", "labels", "said"),
    [
        (np.zeros((2, 3)), np.zeros(3, int), "don't fit"),
        (np.zeros(3), np.zeros(3, int), "don't fit"),
        (np.zeros((2, 0)), np.zeros(2, int), "don't fit"),
        (np.zeros((2, 3)), np.array([0, 3]), "from 0 to 3"),
        (np.zeros((2, 3)), np.array([-1, 0]), "from -1 to 0"),
        (np.array([[0.0, np.nan], [0, 1]]), np.zeros(2, int), "not finite on 1 of 2"),
    ],
)
def test_scores_refuse_what_no_figure_is_true_of(logits: np.ndarray, labels: np.ndarray, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Scores(logits, labels)


def test_balanced_accuracy_against_a_loop_over_classes() -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(5, 60, p=[0.6, 0.2, 0.1, 0.1, 0.0])
    scores = Scores(rng.normal(size=(60, 5)), labels)
    answers, shares = scores.logits.argmax(1), []
    for label in sorted(set(labels.tolist())):
        own = [bool(answer == label) for answer, one in zip(answers, labels, strict=True) if one == label]
        shares.append(sum(own) / len(own))
    assert measure_balanced(scores) == pytest.approx(sum(shares) / len(shares))
    assert np.isnan(measure_balanced(Scores(np.zeros((0, 2)), np.zeros(0, np.int64))))
