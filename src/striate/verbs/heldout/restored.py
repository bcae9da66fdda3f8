"""A restoration's samples: those that came out worst first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.verbs.heldout.part import HeldOut
from striate.verbs.heldout.sample import Query, Sample, Teller, count_nothing

RESTORED, DAMAGED = 1, 2  # columns of what is kept


def choose(held: HeldOut, query: Query) -> tuple[NDArray[Any], str]:
    """The worst first; silent ones, which aren't judged, stay out."""
    merits = np.asarray(held.kept[:, RESTORED], np.float64)
    return np.argsort(merits, kind="stable")[: int(np.isfinite(merits).sum())], "worst first"


def tell(held: HeldOut, number: int, query: Query) -> Sample:
    """How good it was damaged and is restored."""
    merit = held.run.task.merit
    before, after = (merit.write(float(held.kept[number, column])) for column in (DAMAGED, RESTORED))
    return Sample(number, held.part.names[number], note=f"{merit.name} {after}, damaged {before}")


RESTORED_TOLD = Teller(count_nothing, choose, tell)
