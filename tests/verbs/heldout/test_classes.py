from __future__ import annotations

import numpy as np
from tests.verbs.heldout.conftest import Hold

import striate
from striate.verbs.heldout import Query
from striate.verbs.heldout.catalogue import count_grid, list_samples


def test_the_matrix_counts_what_predict_says_of_each_sample(hold: Hold) -> None:
    held = hold("classify")
    counts = np.zeros((10, 10), int)
    for number in range(len(held)):
        row = striate.predict(held.run, held.part.inputs[number : number + 1])[0]
        counts[int(held.part.labels[number]), max(range(10), key=lambda place: row[place])] += 1
    grid = count_grid(held)
    assert grid is not None
    assert grid.counts.tolist() == counts.tolist()
    assert 0 < held.result.correct < held.result.total


def test_the_surest_mistakes_come_first_and_say_what_was_answered(hold: Hold) -> None:
    held = hold("classify")
    wrong = list_samples(held, Query(only="wrong"), count=len(held))
    assert wrong.total == held.result.total - held.result.correct
    sure = [sample.certainty or 0.0 for sample in wrong.samples]
    assert sure == sorted(sure, reverse=True)
    for sample in wrong.samples[:20]:
        row = striate.predict(held.run, held.part.inputs[sample.number : sample.number + 1])[0]
        assert sample.answer == held.run.classes[int(row.argmax())] != sample.truth
        assert sample.truth == held.run.classes[held.part.labels[sample.number]]
        assert abs((sample.certainty or 0) - row.max()) <= 1e-5
        assert sample.right is False


def test_right_and_wrong_make_all(hold: Hold) -> None:
    held = hold("classify")
    found = {
        only: {each.number for each in list_samples(held, Query(only=only), count=len(held)).samples}
        for only in ("right", "wrong", "all")
    }
    assert found["right"] | found["wrong"] == found["all"]
    assert not found["right"] & found["wrong"]
    assert len(found["right"]) == held.result.correct
