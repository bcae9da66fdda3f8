"""How well a run does on some data, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from striate.train.scores import Scores


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well a run does on one part of some data; `interval` holds the true accuracy with 95 % confidence.

    `balanced_accuracy`, where the part's classes are of uneven size, is the mean over them of the share found of each.
    `engine` is what the answers were worked out on.

    With another `task` than "classify" there is no accuracy (nan), the interval is that of the `merit` that the task is
    judged by, and `figures` hold what else there is to say. `baseline` is what no network is needed for, of a series.
    """

    part: str
    correct: int
    total: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    left_out: int = 0
    balanced_accuracy: float | None = None
    engine: str = ""
    scores: Scores | None = field(default=None, repr=False)
    task: str = "classify"
    merit: float = nan
    figures: dict[str, Any] = field(default_factory=dict)
    baseline: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """A classifier's merit is its accuracy."""
        if self.task == "classify":
            object.__setattr__(self, "merit", self.accuracy)

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain values."""
        names = ["part", "correct", "total", "accuracy", "interval", "loss", "left_out", "balanced_accuracy", "engine"]
        if self.task != "classify":
            names = ["task", "part", "total", "merit", "interval", "loss", "left_out", "engine", "figures"]
        return {name: getattr(self, name) for name in [*names, *["baseline"] * (self.baseline is not None)]}


def judge(scores: Scores, part: str, left_out: int = 0, engine: str = "") -> Evaluation:
    """The figures of some scores, which came from an engine."""
    from striate.data.imbalance import count_classes
    from striate.train.scores import bound_accuracy, measure_accuracy, measure_balanced, measure_loss

    accuracy, total = measure_accuracy(scores), len(scores.labels)
    correct = round(accuracy * total)
    uneven = total and count_classes(scores.labels, scores.logits.shape[1]).is_uneven
    bounds, balanced = bound_accuracy(correct, total), measure_balanced(scores) if uneven else None
    return Evaluation(part, correct, total, accuracy, bounds, measure_loss(scores), left_out, balanced, engine, scores)
