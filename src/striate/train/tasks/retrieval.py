"""How well yes-or-no scores find the samples of each label: precision, recall, F1 at a threshold; average precision.

Average precision is the sum over the ranks at which recall rises of that rise times the precision there; equal scores
share a rank. Source: Manning, Raghavan and Schütze 2008, "Introduction to information retrieval", section 8.4.
"""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.train.tasks.residuals import draw_places, find_interval

DRAWS = 200
Reals = NDArray[np.floating[Any]]


def measure_average_precision(scores: Reals, truth: NDArray[np.bool_]) -> float:
    """Measure the average precision of one label's scores; NaN where no sample has the label.

    >>> measure_average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True]))
    0.8333333333333333
    """
    positives = int(truth.sum())
    if not positives:
        return nan
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    last = np.append(np.diff(scores[order]) != 0, True)  # of the samples that share a score
    precision, found = (hits / np.arange(1, len(hits) + 1))[last], hits[last]
    return float((np.diff(found, prepend=0) * precision).sum() / positives)


def measure_retrieval(logits: Reals, truth: NDArray[np.bool_], seed: int = 0, draws: int = DRAWS) -> dict[str, Any]:
    """Measure each label's precision, recall, F1 (at a score of 0) and average precision; and the mean of the last.

    `map` is over the labels that some sample has, `exact` the share of samples with all labels right. With `draws`
    comes `map_interval`, by the bootstrap.
    """
    answers = logits > 0
    rows = [_measure_label(answers[:, each], truth[:, each], logits[:, each]) for each in range(truth.shape[1])]
    found: dict[str, Any] = {"map": _mean([row["average_precision"] for row in rows]), "outputs": rows}
    found["f1"] = _mean([row["f1"] for row in rows])
    found["exact"] = float((answers == truth).all(1).mean()) if len(truth) else nan
    if draws:
        places = draw_places(len(truth), seed, draws)[:draws]
        means = [_measure_mean(logits[some], truth[some]) for some in places]
        known = np.array([value for value in means if value == value] or [nan])
        found["map_interval"] = find_interval(known)
    return found


def _measure_mean(logits: Reals, truth: NDArray[np.bool_]) -> float:
    return _mean([measure_average_precision(logits[:, each], truth[:, each]) for each in range(truth.shape[1])])


def _measure_label(answers: NDArray[np.bool_], truth: NDArray[np.bool_], scores: Reals) -> dict[str, Any]:
    hits, said, support = int((answers & truth).sum()), int(answers.sum()), int(truth.sum())
    return {
        "precision": hits / said if said else nan,
        "recall": hits / support if support else nan,
        "f1": 2 * hits / (said + support) if said + support else nan,
        "average_precision": measure_average_precision(scores, truth),
        "support": support,
    }


def _mean(values: list[float]) -> float:
    known = [value for value in values if value == value]
    return float(np.mean(known)) if known else nan
