from __future__ import annotations

import json

import numpy as np
import pytest
from tests.verbs.draw import Finished

from striate.train.scores import Scores
from striate.verbs.evaluation import Evaluation, judge


def test_judging_counts_what_is_right() -> None:
    generator = np.random.default_rng(0)
    logits, labels = generator.normal(size=(50, 4)).astype(np.float32), generator.integers(0, 4, 50)
    found = judge(Scores(logits, labels), "test", left_out=7)
    right = 0
    loss = 0.0
    for row, label in zip(logits.astype(np.float64), labels, strict=True):
        right += all(row[label] > other for place, other in enumerate(row) if place != label)
        loss -= np.log(np.exp(row[label]) / sum(np.exp(value) for value in row))
    assert (found.part, found.correct, found.total, found.left_out) == ("test", right, 50, 7)
    assert found.accuracy == right / 50
    assert found.loss == pytest.approx(loss / 50, rel=1e-5)
    assert found.interval[0] < found.accuracy < found.interval[1]


def test_an_evaluation_goes_through_json_unchanged(finished: Finished) -> None:
    result = finished.run.result
    assert result is not None
    values = json.loads(json.dumps(result.to_dict()))
    assert Evaluation(**{**values, "interval": tuple(values["interval"])}).to_dict() == result.to_dict()
    assert "scores" not in values
