"""Whether a classifier is right as often as it says: the reliability diagram, its summary, and the temperature.

A network is calibrated when, of the answers given with confidence 0.8, 80 % are right. Dividing all logits by one
number, the temperature, mends most of a network's overconfidence and changes no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.errors import InputError
from striate.train.scores import Integers, Reals, Scores, softmax

_NEAR, _MOST_STEPS = 1e-12, 100  # halving alone would need 43
LOWEST, HIGHEST = 0.01, 100.0  # a temperature at either end means that the likelihood has no minimum worth the name


@dataclass(frozen=True)
class Bin:
    """The samples with confidence in (low, high]: how many, how sure on average, how often right (NaN when none)."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(probabilities: NDArray[np.floating[Any]], labels: Integers, bins: int = 15) -> tuple[Bin, ...]:
    """Sort samples by the confidence of their answer into equal bins, and compare it with how often they are right.

    Bin m of M holds the confidences in ((m - 1)/M, m/M].

    Source: Guo et al. 2017, "On calibration of modern neural networks", arXiv:1706.04599, section 2.
    Raises: InputError when there are no bins.

    >>> reliability(np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([0, 0]), 2)[1]
    Bin(low=0.5, high=1.0, count=2, confidence=0.8, accuracy=0.5)
    """
    if bins < 1:
        raise InputError(f"reliability: {bins} bins were asked for. Give 1 or more; 15 is customary.")
    confidence = probabilities.max(axis=1, initial=0)
    right = probabilities.argmax(axis=1) == labels if len(labels) else np.zeros(0, bool)
    edges = np.arange(bins + 1) / bins
    place = np.searchsorted(edges[1:-1], confidence, side="left")
    rows = []
    for index in range(bins):
        inside = place == index
        count = int(inside.sum())
        means = (float(confidence[inside].mean()), float(right[inside].mean())) if count else (nan, nan)
        rows.append(Bin(float(edges[index]), float(edges[index + 1]), count, *means))
    return tuple(rows)


def measure_ece(probabilities: NDArray[np.floating[Any]], labels: Integers, bins: int = 15) -> float:
    """Measure the expected calibration error: the gap between confidence and accuracy, averaged over the samples.

    Only the answer given counts (top-label). 0 is perfect; NaN when there are no samples.

    Source: Guo et al. 2017, arXiv:1706.04599, eq. 3 to 5.

    >>> round(measure_ece(np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([0, 0]), bins=2), 3)
    0.3
    """
    full = [row for row in reliability(probabilities, labels, bins) if row.count]
    return sum(row.count * abs(row.accuracy - row.confidence) for row in full) / len(labels) if full else nan


def scale(logits: Reals, temperature: float) -> NDArray[np.float64]:
    """Divide logits by a temperature: above 1 makes a network less sure, below 1 surer; no answer changes.

    >>> scale(np.array([[4.0, 2.0]]), 2.0).tolist()
    [[2.0, 1.0]]
    """
    return logits.astype(np.float64) / temperature


def fit_temperature(scores: Scores) -> float:
    """Find the temperature under which the scores are likeliest; fit it on samples that were not trained on.

    The mean negative log-likelihood is convex in 1/T, so its slope has one zero, found here by Newton's method in
    log(1/T), or by halving where that would go astray. Where there is none between `LOWEST` and `HIGHEST` (every answer
    is right, or no better than chance), that end is returned.

    Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.
    Raises: InputError when there are no samples.

    >>> sure = Scores(np.array([[4.0, 0.0]] * 4), np.array([0, 0, 0, 1]))  # says 98 %, is right in 75 %
    >>> round(fit_temperature(sure), 4), round(4 / log(3), 4)
    (3.641, 3.641)
    """
    if not len(scores.labels):
        raise InputError("temperature: there are no samples to fit it on. Hold out a validation part.")
    logits = scores.logits.astype(np.float64) - scores.logits.max(axis=1, keepdims=True)
    own = np.take_along_axis(logits, scores.labels[:, None], axis=1)[:, 0]

    def slope(sharpness: float) -> tuple[float, float]:
        """The derivative of the mean negative log-likelihood by 1/T: the expected logit less the true one; and its own.

        Its own, by log(1/T), is 1/T times the logits' variance.
        """
        weighted = softmax(logits * exp(sharpness)) * logits
        expected, squares = weighted.sum(axis=1), (weighted * logits).sum(axis=1)
        return float((expected - own).mean()), exp(sharpness) * float((squares - expected**2).mean())

    dull, sharp = log(1 / HIGHEST), log(1 / LOWEST)
    if slope(dull)[0] == slope(sharp)[0] == 0:
        return 1.0  # every class has the same logit: no temperature changes anything
    if slope(sharp)[0] <= 0:
        return LOWEST
    if slope(dull)[0] >= 0:
        return HIGHEST
    return exp(-find_zero(slope, dull, sharp))


def find_zero(slope: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Where a rising function is 0, by its value and its derivative; it is below 0 at `low`, above at `high`.

    Newton's steps, and halves of what is left where such a step would leave it.

    >>> round(find_zero(lambda x: (x**3 - 8, 3 * x**2), 0.0, 100.0), 9)
    2.0
    """
    place = (low + high) / 2
    for _ in range(_MOST_STEPS):
        value, rise = slope(place)
        low, high = (place, high) if value < 0 else (low, place)
        step = place - value / rise if rise > 0 else high
        after = step if low < step < high else (low + high) / 2
        if abs(after - place) <= _NEAR:
            return after
        place = after
    return place
