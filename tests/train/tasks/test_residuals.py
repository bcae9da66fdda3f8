from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, median_absolute_error, r2_score

from striate.train.tasks.residuals import draw_places, find_interval, measure_errors, measure_r2


def make_pair(count: int = 40, columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    targets = rng.normal(3, [1, 5, 0.1][:columns], (count, columns))
    return targets + rng.normal(0, [0.5, 1, 0.2][:columns], (count, columns)), targets


def test_figures_are_those_of_scikit_learn() -> None:
    answers, targets = make_pair()
    found = measure_errors(answers, targets)
    assert found["r2"] == pytest.approx(r2_score(targets, answers))
    for place, row in enumerate(found["outputs"]):
        own = targets[:, place], answers[:, place]
        assert row["r2"] == pytest.approx(r2_score(*own))
        assert row["mae"] == pytest.approx(mean_absolute_error(*own))
        assert row["median"] == pytest.approx(median_absolute_error(*own))
        assert row["bias"] == pytest.approx(own[1].mean() - own[0].mean())
        assert row["rmse"] ** 2 == pytest.approx(sum((a - b) ** 2 for a, b in zip(*own, strict=True)) / 40)


def test_intervals_are_those_of_a_bootstrap_by_loops() -> None:
    answers, targets = make_pair(columns=2)
    found, places = measure_errors(answers, targets, seed=3), draw_places(40, 3)
    means = [np.mean([r2_score(targets[some, c], answers[some, c]) for c in range(2)]) for some in places]
    assert found["r2_interval"] == pytest.approx((np.quantile(means, 0.025), np.quantile(means, 0.975)))
    medians = [np.median(np.abs(answers[some, 1] - targets[some, 1])) for some in places]
    assert found["outputs"][1]["median_interval"] == pytest.approx(find_interval(np.array(medians)))
    low, high = found["r2_interval"]
    assert low < found["r2"] < high


def test_a_column_that_never_changes() -> None:
    steady = np.full((4, 1), 2.0)
    assert measure_r2(steady, steady).tolist() == [1.0]
    assert measure_r2(steady + 1, steady).tolist() == [0.0]
    assert np.isnan(measure_r2(np.zeros((0, 2)), np.zeros((0, 2)))).all()


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        errors = np.random.default_rng(seed).exponential(1.0, (80, 1))
        low, high = measure_errors(errors, np.zeros((80, 1)), seed)["outputs"][0]["mae_interval"]
        held += low <= 1.0 <= high
    assert 49 <= held <= 60
