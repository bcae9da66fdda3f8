from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import nan

import numpy as np
import pytest

from striate.report.story import Story
from striate.report.summary import sum_effort, sum_up
from striate.train.scores import Scores


def test_the_headline_counts_in_a_loop(tell: Callable[..., Story]) -> None:
    scores = tell(200, 12).scored
    assert scores is not None
    figures = sum_up(scores)
    assert figures is not None
    hits = sum(int(row.argmax()) == label for row, label in zip(scores.logits, scores.labels, strict=True))
    commonest, times = Counter(sorted(scores.labels.tolist())).most_common(1)[0]
    assert (figures.correct, figures.total, figures.commonest) == (hits, 200, commonest)
    assert (figures.accuracy, figures.baseline) == pytest.approx((hits / 200, times / 200))
    assert figures.low < figures.accuracy < figures.high
    assert figures.top5 is not None
    assert figures.top5 > figures.accuracy


def test_top_five_is_left_out_for_few_classes(tell: Callable[..., Story]) -> None:
    figures = sum_up(tell(kinds=10).scored)
    assert figures is not None
    assert figures.top5 is None


def test_nothing_scored_has_no_figures() -> None:
    assert sum_up(None) is None
    assert sum_up(Scores(np.zeros((0, 2)), np.zeros(0, np.int64))) is None


def test_effort_adds_up_what_is_known(tell: Callable[..., Story]) -> None:
    story = tell(history=({"seconds": 2.0}, {"seconds": 3.5, "validation_loss": 1.0}, {"seconds": nan}, {}))
    effort = sum_effort(story)
    assert (effort.parameters, effort.epochs, effort.seconds) == (116, 4, 3.5)
    assert (effort.best, effort.validated) == (None, True)
    assert sum_effort(tell(history=())).seconds is None
