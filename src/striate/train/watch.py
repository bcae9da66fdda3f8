"""When a loss counts as broken: not finite, or so far above anything before that no spike explains it.

What is watched is the loss of each step. A single bad batch, or a few, may lift it tenfold and more without harm, so
one loss counts only if it is absurd, and lesser ones only if the median of the last nine is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

WINDOW = 9
CALM, SUSTAINED, ABSURD = 3.0, 20.0, 1000.0


class Watch:
    """Judges the losses of a run, one after the other.

    The measure is the loss that the run began with: the median of its first nine, and no less than `least` (for a
    classifier, what guessing costs: the logarithm of the number of classes). A loss has exploded where it is over 1000
    times that, or where the median of the last nine is over 20 times that.

    >>> watch = Watch(least=2.3)
    >>> [watch.judge(loss) for loss in (2.5, 40.0, 2.2)], watch.judge(5000.0)
    ([None, None, None], 'the loss rose to 5e+03, 2e+03 times what it began with')
    """

    def __init__(self, least: float) -> None:
        """Nothing is seen yet."""
        self.least = least
        self.first: list[float] = []
        self.last: list[float] = []

    @property
    def begun(self) -> float:
        """The loss that the run began with, as far as it is known."""
        return max(self.least, median(self.first)) if self.first else self.least

    def judge(self, loss: float) -> str | None:
        """Take in the loss of the next step; say what is wrong with it, if anything is."""
        if not self.first and math.isfinite(loss):
            self.first.append(loss)
        if fault := self.find_fault(loss):
            return fault
        begun = self.begun
        if len(self.first) < WINDOW and self.last:
            self.first.append(loss)
        self.last = [*self.last[1 - WINDOW :], loss]
        typical = median(self.last)
        if len(self.last) == WINDOW and typical > SUSTAINED * begun:
            return f"the loss stayed at {typical:.3g}, {typical / begun:.3g} times what it began with"
        return None

    def find_fault(self, loss: float) -> str | None:
        """Say what is wrong with a loss by itself; it isn't taken in."""
        if not math.isfinite(loss):
            return f"the loss became {'nan' if math.isnan(loss) else 'infinite'}"
        if loss > ABSURD * self.begun:
            return f"the loss rose to {loss:.3g}, {loss / self.begun:.3g} times what it began with"
        return None

    def is_calm(self, loss: float) -> bool:
        """Whether a state of this loss, after those taken in, is one to go back to."""
        return max(loss, median(self.last) if self.last else 0.0) <= CALM * self.begun

    def to_dict(self) -> dict[str, Any]:
        """What it has seen, for a checkpoint."""
        return {"first": list(self.first), "last": list(self.last)}

    def restore(self, seen: Mapping[str, Any]) -> None:
        """Take over what `to_dict` gave; nothing where a checkpoint lacks it."""
        self.first, self.last = list(seen.get("first", ())), list(seen.get("last", ()))
