"""What a task other than classification came to on the held-out part, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.train.tasks import Judged, Merit


@dataclass(frozen=True, eq=False)
class Outcome:
    """The task's name and merit, its figures, and each sample's answer (in the user's terms) beside its labels."""

    task: str
    merit: Merit
    judged: Judged
    answers: NDArray[np.floating[Any]]
    labels: NDArray[Any]
