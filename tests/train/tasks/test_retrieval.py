from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from striate.train.tasks.retrieval import measure_average_precision, measure_retrieval


@pytest.mark.parametrize("ties", [False, True])
def test_figures_are_those_of_scikit_learn(ties: bool) -> None:
    rng = np.random.default_rng(2)
    truth = rng.random((60, 4)) < [0.1, 0.3, 0.5, 0.9]
    logits = rng.normal(truth.astype(float), 1.0) - 0.5
    logits = np.round(logits) + 0.25 if ties else logits
    found = measure_retrieval(logits, truth)
    for place, row in enumerate(found["outputs"]):
        own = truth[:, place], logits[:, place] > 0
        assert row["precision"] == pytest.approx(precision_score(*own))
        assert row["recall"] == pytest.approx(recall_score(*own))
        assert row["f1"] == pytest.approx(f1_score(*own))
        assert row["average_precision"] == pytest.approx(average_precision_score(truth[:, place], logits[:, place]))
        assert row["support"] == sum(truth[:, place])
    assert found["map"] == pytest.approx(average_precision_score(truth, logits, average="macro"))
    assert found["exact"] == sum(all(a == b) for a, b in zip(logits > 0, truth, strict=True)) / 60
    low, high = found["map_interval"]
    assert low < found["map"] < high


def test_average_precision_by_its_definition() -> None:
    rng = np.random.default_rng(0)
    scores, truth = rng.random(30), rng.random(30) < 0.4
    total = 0.0
    for place in np.flatnonzero(truth):
        above = [other for other in range(30) if scores[other] >= scores[place]]
        total += sum(truth[other] for other in above) / len(above)
    assert measure_average_precision(scores, truth) == pytest.approx(total / truth.sum())


def test_labels_that_nothing_has_are_left_out_of_the_mean() -> None:
    truth = np.array([[True, False], [False, False]])
    found = measure_retrieval(np.array([[1.0, -1.0], [-1.0, -2.0]]), truth, draws=0)
    assert found["map"] == 1.0
    assert np.isnan(found["outputs"][1]["average_precision"])
    assert np.isnan(found["outputs"][1]["recall"])
