"""What the end of a run will take: the seconds that a length in minutes must leave over.

After the last step come the last validation and the writing, and then whatever the caller does: the verb judges the
samples that were held out, and writes a report.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from striate.train.batches import Samples
from striate.train.inference import compute_logits
from striate.train.learner import Learner
from striate.train.ranks import find_ranks
from striate.train.schedule import Length

_REHEARSED = 256  # so many samples are judged to learn how long one takes


@dataclass(frozen=True)
class Surroundings:
    """What comes before and after `fit` in one command, all of which a length in minutes counts.

    `spent`: seconds gone before. `samples` will be judged afterwards, and `seconds` more will be needed.
    """

    spent: float = 0.0
    samples: int = 0
    seconds: float = 0.0


class Closing:
    """The seconds between the last step and the end, learned from what judging a sample takes."""

    def __init__(self, learner: Learner, samples: Samples, held_out: Samples | None, around: Surroundings) -> None:
        """Name what will be judged; nothing is measured."""
        self._learner, self._samples, self._around = learner, samples, around
        self._held_out = held_out.count if held_out else 0

    def rehearse(self, length: Length) -> Length:
        """The length with what the end will take, where it is in seconds: measured on a few samples, twice."""
        if length.seconds is None:
            return length
        few = self._samples.inputs[:_REHEARSED]
        for _ in range(2):  # the first time, much is done once and for all
            start = time.monotonic()
            own = self._learner
            compute_logits(own.module, few, own.recipe, own.engine, task=own.task, condensed=True)
            seconds = time.monotonic() - start
        each = seconds / len(few) / find_ranks().count
        return self.learn(length, each * self._held_out, each)

    def learn(self, length: Length, seconds: float, each: float | None = None) -> Length:
        """The length again, now that a validation and its writing took `seconds`."""
        if length.seconds is None:
            return length
        each = seconds / self._held_out if each is None and self._held_out else each or 0.0
        return replace(length, closing=seconds + each * self._around.samples + self._around.seconds)
