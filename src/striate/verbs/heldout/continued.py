"""Sequences that a run was to tell moment by moment: those that surprised it most first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.verbs.heldout.part import HeldOut
from striate.verbs.heldout.sample import Query, Sample, Teller, count_nothing


def choose(held: HeldOut, query: Query) -> tuple[NDArray[Any], str]:
    """The hardest to tell first; what has nothing to count stays out."""
    bits = _measure(held)
    return np.argsort(-bits, kind="stable")[: int(np.isfinite(bits).sum())], "most surprising first"


def tell(held: HeldOut, number: int, query: Query) -> Sample:
    """The bits that each of its moments cost."""
    return Sample(number, held.part.names[number], note=f"{_measure(held)[number]:.3f} bits per sample")


def _measure(held: HeldOut) -> NDArray[np.float64]:
    """Bits per moment of each sequence; NaN where none counts."""
    bits, counts = np.asarray(held.kept, np.float64).sum(2).T
    return np.where(counts > 0, bits / np.maximum(counts, 1), np.nan)


CONTINUED = Teller(count_nothing, choose, tell)
