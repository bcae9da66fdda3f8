from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from striate.report.confidence import assess_confidence
from striate.report.story import Story
from striate.train.calibration import measure_ece
from striate.train.scores import Scores, softmax


def test_the_temperature_comes_from_the_validation_part_alone(tell: Callable[..., Story]) -> None:
    first, second = tell(), tell(test=Scores(-np.ones((60, 4)), np.zeros(60, np.int64)))
    found = [assess_confidence(story) for story in (first, second)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].temperature == found[1].temperature
    assert "judged on the test part" in found[0].remark


def test_both_states_are_measured(tell: Callable[..., Story]) -> None:
    story = tell()
    found = assess_confidence(story)
    assert found is not None
    assert story.test is not None
    for state, temperature in zip(found.states, (1.0, found.temperature), strict=True):
        assert temperature is not None
        ece = measure_ece(softmax(story.test.logits / temperature), story.test.labels)
        assert state.ece == pytest.approx(ece, abs=1e-6)


def test_fitted_and_judged_on_the_same_part_is_said(tell: Callable[..., Story]) -> None:
    found = assess_confidence(tell(part="val"))
    assert found is not None
    assert "flatter" in found.remark


@pytest.mark.parametrize(
    ("val", "said"),
    [
        (None, "no validation part"),
        (Scores(np.eye(4), np.arange(4)), "next to no mistakes"),
        (Scores(-np.eye(4), np.arange(4)), "no better than chance"),
    ],
)
def test_where_none_can_be_fitted_the_reason_is_said(tell: Callable[..., Story], val: Scores | None, said: str) -> None:
    found = assess_confidence(tell(val=val))
    assert found is not None
    assert (found.temperature, len(found.states)) == (None, 1)
    assert said in found.remark


def test_nothing_scored_has_no_confidence(tell: Callable[..., Story]) -> None:
    assert assess_confidence(tell(test=None)) is None
