"""The headline: how good, how sure of that, measured on what, against which baseline, at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from striate.data.imbalance import count_classes
from striate.report.history import find_best, read_column
from striate.report.story import Story
from striate.train.scores import (
    Scores,
    bound_accuracy,
    measure_accuracy,
    measure_balanced,
    measure_loss,
    measure_top,
    predictions,
)
from striate.train.tasks import CLASSIFY, Merit

TOP_FROM = 11  # with so many classes, the share of the true class among the five likeliest says something more


@dataclass(frozen=True)
class Figures:
    """What the scored part says; `decimals` is what its number of samples can carry, `balanced` for uneven classes."""

    accuracy: float
    low: float
    high: float
    correct: int
    total: int
    loss: float
    top5: float | None
    commonest: int
    baseline: float
    balanced: float | None

    @property
    def decimals(self) -> int:
        """One decimal of a per cent for less than a thousand samples, two from there on."""
        return 1 if self.total < 1000 else 2


@dataclass(frozen=True)
class Effort:
    """What the network is, what its training took, and its best validation accuracy with the epoch (None: unknown)."""

    parameters: int
    epochs: int
    seconds: float | None
    best: tuple[float, int] | None
    validated: bool
    merit: Merit = CLASSIFY.merit


def sum_up(scores: Scores | None) -> Figures | None:
    """Compute the headline's figures; None when nothing was scored."""
    if scores is None or not len(scores.labels):
        return None
    correct, total = int((predictions(scores) == scores.labels).sum()), len(scores.labels)
    shares = np.bincount(scores.labels) / total
    return Figures(
        accuracy=measure_accuracy(scores),
        low=bound_accuracy(correct, total)[0],
        high=bound_accuracy(correct, total)[1],
        correct=correct,
        total=total,
        loss=measure_loss(scores),
        top5=measure_top(scores, 5) if scores.logits.shape[1] >= TOP_FROM else None,
        commonest=int(shares.argmax()),
        baseline=float(shares.max()),
        balanced=measure_balanced(scores) if count_classes(scores.labels, scores.logits.shape[1]).is_uneven else None,
    )


def sum_effort(story: Story) -> Effort:
    """Add up the parameters; the training's time is the latest that the history knows."""
    word = "accuracy" if story.outcome is None else "merit"
    seconds = [value for value in read_column(story.history, "seconds") if isfinite(value)]
    return Effort(
        parameters=sum(layer.parameters for layer in story.layers),
        epochs=len(story.history),
        seconds=seconds[-1] if seconds else None,
        best=find_best(story.history, f"validation_{word}", largest=not story.merit.lower),
        validated=any(find_best(story.history, column) for column in ("validation_loss", f"validation_{word}")),
        merit=story.merit,
    )
