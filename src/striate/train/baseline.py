"""The figures of an answer that needs no network, by which those of one that does can be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.part import Inputs
from striate.data.persistence import repeat_last
from striate.train.tasks.residuals import measure_r2


@dataclass(frozen=True)
class Baseline:
    """What is answered, in words; the merit that it has (R2, or accuracy), and of numbers the median absolute error."""

    answer: str
    merit: float
    median: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for result.json and --json."""
        return asdict(self)


def judge_persistence(
    inputs: Inputs, labels: NDArray[Any], reading: Mapping[str, Any] | None, *, numbers: bool
) -> Baseline | None:
    """How well a series is told by its going on as it was; None where that says nothing.

    `labels` are those of the windows: rows of `numbers`, or whether it rose. The median error is that of all rows
    ahead together.
    """
    answers = repeat_last(inputs, reading)
    if answers is None or not len(labels) or numbers != (answers.ndim == 2):
        return None
    if not numbers:
        return Baseline("the last move again", float((answers == labels).mean()))
    targets = np.asarray(labels, np.float64).reshape(answers.shape)
    median = float(np.median(np.abs(answers - targets)))
    return Baseline("the last value again", float(measure_r2(answers, targets).mean()), median)
