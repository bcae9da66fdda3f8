"""A regression's samples: those whose numbers are farthest off first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.verbs.heldout.part import HeldOut
from striate.verbs.heldout.sample import NUMBERS, Query, Sample, Teller, count_nothing


def choose(held: HeldOut, query: Query) -> tuple[NDArray[Any], str]:
    """The farthest off first, each number's error measured by its targets' deviation."""
    from striate.report.outcomes.far import rank_far

    return rank_far(held.answers, _read_targets(held), len(held)), "farthest off first"


def tell(held: HeldOut, number: int, query: Query) -> Sample:
    """The targets, the answers, and by how much the farthest is off."""
    targets, given = _read_targets(held)[number], np.asarray(held.answers[number], np.float64)
    names = held.run.classes
    off = given - targets
    far = int(np.abs(off / _spread(held)).argmax())
    note = f"off by {off[far]:+.4g}" + (f" in {names[far]}" if len(names) > 1 else "")
    return Sample(number, held.part.names[number], _write(names, targets), _write(names, given), note=note)


def _read_targets(held: HeldOut) -> NDArray[np.float64]:
    return np.asarray(held.part.labels, np.float64).reshape(len(held), -1)


def _spread(held: HeldOut) -> NDArray[np.float64]:
    spread = _read_targets(held).std(0)
    return np.where(spread > 0, spread, 1.0)


def _write(names: tuple[str, ...], values: NDArray[np.float64]) -> str:
    if len(names) == 1:
        return f"{values[0]:.4g}"
    told = [f"{name} {value:.4g}" for name, value in zip(names, values.tolist(), strict=True)][:NUMBERS]
    return ", ".join([*told, *["…"] * (len(names) > NUMBERS)])


NUMBERS_TOLD = Teller(count_nothing, choose, tell)
