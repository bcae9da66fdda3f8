"""What a classifier answered on one part of the data, and the figures that follow from it: numbers in, numbers out.

`Scores` keeps the raw outputs (logits) beside the true labels. Everything else is a pure function of the two, computed
in float64, so that a figure in the report can be checked from the scores alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.errors import InputError

Reals = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scores:
    """A classifier's raw outputs on N samples of K classes, and the true classes.

    Shape: logits [N, K] floating and finite, labels [N] integers from 0 to K - 1.
    Raises: InputError where the two don't fit together or an output is not finite.

    >>> scores = Scores(np.float32([[2, 1], [0, 3]]), np.int64([0, 0]))
    >>> predictions(scores).tolist(), measure_accuracy(scores)
    ([0, 1], 0.5)
    """

    logits: Reals
    labels: Integers

    def __post_init__(self) -> None:
        """Refuse what no figure could be true about."""
        if self.logits.ndim != 2 or self.labels.shape != self.logits.shape[:1] or not self.logits.shape[1]:
            raise InputError(
                f"scores: logits of shape {self.logits.shape} and labels of shape {self.labels.shape} don't fit. "
                "Give logits [samples, classes] and one label a sample."
            )
        classes = self.logits.shape[1]
        if self.labels.size and (self.labels.min() < 0 or self.labels.max() >= classes):
            raise InputError(
                f"scores: labels run from {self.labels.min()} to {self.labels.max()}, but there are {classes} classes. "
                f"Labels must lie between 0 and {classes - 1}."
            )
        broken = int((~np.isfinite(self.logits)).any(axis=1).sum())
        if broken:
            raise InputError(
                f"scores: the network's outputs are not finite on {broken} of {len(self.logits)} samples, so it has no "
                "accuracy. The training has probably diverged: try a lower learning rate."
            )


@dataclass(frozen=True)
class ClassRow:
    """One class's figures; NaN where there is nothing to divide by (a class without samples or without predictions)."""

    index: int
    precision: float
    recall: float
    f1: float
    support: int


def log_softmax(logits: Reals) -> NDArray[np.float64]:
    """Take the logarithm of the softmax over the last axis, without overflow.

    >>> log_softmax(np.array([[1000.0, 1000.0]])).round(4).tolist()
    [[-0.6931, -0.6931]]
    """
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    exact: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return exact


def softmax(logits: Reals) -> NDArray[np.float64]:
    """Turn logits into probabilities over the last axis.

    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    return np.exp(log_softmax(logits))


def predictions(scores: Scores) -> Integers:
    """Name each sample's class of the largest logit; the first of equals."""
    largest: Integers = scores.logits.argmax(axis=1)
    return largest


def measure_accuracy(scores: Scores) -> float:
    """Measure the share of samples whose largest logit is the true class; NaN when there are no samples."""
    return float((predictions(scores) == scores.labels).mean()) if len(scores.labels) else nan


def measure_balanced(scores: Scores) -> float:
    """Measure the mean over classes of the share found of each (its recall); classes without samples are left out.

    It is the accuracy on data in which every class is equally frequent. NaN without samples.
    Source: Brodersen et al. 2010, "The balanced accuracy and its posterior distribution", section II.

    >>> scores = Scores(np.array([[2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [2.0, 1.0]]), np.array([0, 0, 0, 1]))
    >>> measure_accuracy(scores), measure_balanced(scores)
    (0.75, 0.5)
    """
    right = predictions(scores) == scores.labels
    counts = np.bincount(scores.labels)
    hits = np.bincount(scores.labels, weights=right, minlength=len(counts))
    return float((hits[counts > 0] / counts[counts > 0]).mean()) if right.size else nan


def measure_top(scores: Scores, k: int = 5) -> float:
    """Measure the share of samples whose true class is among the k largest logits (of equals, the first come first).

    >>> scores = Scores(np.array([[1.0, 3.0, 2.0]]), np.array([2]))
    >>> measure_top(scores, 1), measure_top(scores, 2)
    (0.0, 1.0)
    """
    if not len(scores.labels):
        return nan
    own = np.take_along_axis(scores.logits, scores.labels[:, None], axis=1)
    earlier = np.arange(scores.logits.shape[1]) < scores.labels[:, None]
    ahead = ((scores.logits > own) | ((scores.logits == own) & earlier)).sum(axis=1)
    return float((ahead < k).mean())


def measure_loss(scores: Scores) -> float:
    """Measure the mean negative log-likelihood of the true classes (cross-entropy, in nats); NaN without samples."""
    own = np.take_along_axis(log_softmax(scores.logits), scores.labels[:, None], axis=1)
    return float(-own.mean()) if own.size else nan


def bound_accuracy(correct: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Bound the true accuracy from a count of right answers: the Wilson score interval.

    The two ends are the p at which |correct/total - p| = z sqrt(p (1 - p) / total). No samples say nothing: (0, 1).

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; Brown, Cai and
    DasGupta 2001, doi:10.1214/ss/1009213286.
    Raises: InputError for counts or a confidence that can't be.

    >>> low, high = bound_accuracy(97, 100)
    >>> round(low, 3), round(high, 3)
    (0.915, 0.99)
    """
    if not 0 <= correct <= total or not 0 < confidence < 1:
        raise InputError(
            f"interval: {correct} right of {total} at confidence {confidence}. "
            "The right ones must lie between 0 and the total, the confidence strictly between 0 and 1."
        )
    if total == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = correct / total, z * z / total
    centre = (share + weight / 2) / (1 + weight)
    reach = sqrt(weight * share * (1 - share) + weight * weight / 4) / (1 + weight)
    low = 0.0 if correct == 0 else max(0.0, centre - reach)
    high = 1.0 if correct == total else min(1.0, centre + reach)
    return low, high


def count_confusion(scores: Scores, classes: int) -> Integers:
    """Count how often each class (row) was given each answer (column).

    Shape: [classes, classes]; entry [t, p] counts samples of class t that were predicted as p.
    Raises: InputError when the scores have more classes than that.

    >>> count_confusion(Scores(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0])), 2).tolist()
    [[1, 1], [0, 0]]
    """
    if classes < scores.logits.shape[1]:
        raise InputError(
            f"confusion: {scores.logits.shape[1]} classes are scored, {classes} were named. Name them all."
        )
    cells = scores.labels * classes + predictions(scores)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def tabulate_classes(scores: Scores) -> tuple[ClassRow, ...]:
    """Compute precision, recall, F1 and the number of samples for every class, in class order.

    >>> [row.recall for row in tabulate_classes(Scores(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0])))]
    [0.5, nan]
    """
    counts = count_confusion(scores, scores.logits.shape[1])
    rows = []
    for index in range(len(counts)):
        hits, answers, support = int(counts[index, index]), int(counts[:, index].sum()), int(counts[index].sum())
        rows.append(
            ClassRow(
                index, _divide(hits, answers), _divide(hits, support), _divide(2 * hits, answers + support), support
            )
        )
    return tuple(rows)


def rank_mistakes(scores: Scores, count: int) -> Integers:
    """Find the wrongly answered samples, the most confident first, `count` at most; equals keep their order."""
    answers = predictions(scores)
    wrong = np.flatnonzero(answers != scores.labels)
    confidence = softmax(scores.logits[wrong])[np.arange(len(wrong)), answers[wrong]]
    return wrong[np.argsort(-confidence, kind="stable")][:count]


def _divide(part: int, whole: int) -> float:
    return part / whole if whole else nan
