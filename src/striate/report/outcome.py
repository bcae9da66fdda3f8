"""What a task other than classification came to on the held-out part, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.train.tasks import Judged, Merit


@dataclass(frozen=True, eq=False)
class Example:
    """One held-out sample, by its place: what the network was given, what it made of it, and what it should have.

    Arrays without the batch axis: `given` and `wanted` as the task holds a sample out, `answer` in the user's terms.
    """

    place: int
    given: NDArray[Any]
    answer: NDArray[Any]
    wanted: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Outcome:
    """The task's name and merit, its figures, and each sample's answer (in the user's terms) beside its labels.

    Of a task whose outputs are too large to be kept, `answers` are what was kept of them, and `examples` show a few.
    """

    task: str
    merit: Merit
    judged: Judged
    answers: NDArray[np.floating[Any]]
    labels: NDArray[Any]
    examples: tuple[Example, ...] = ()
