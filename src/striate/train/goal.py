"""The goal of a run: an accuracy on the validation part, looked at after each epoch and where a cycle ends."""

from __future__ import annotations

from striate.train.batches import Samples
from striate.train.judging import validate_learner
from striate.train.learner import Learner
from striate.train.schedule import Length, ends_cycle

Judged = tuple[float | None, float | None]


class Goal:
    """What ends a run early (`until`, None for nothing), and how far the learner is from it."""

    def __init__(self, learner: Learner, held_out: Samples | None, until: float | None) -> None:
        """Judge nothing yet."""
        self.learner, self.held_out, self.until = learner, held_out, until
        self._judged: tuple[int, Judged] | None = None

    def judge(self, step: int) -> Judged:
        """Loss and accuracy on the validation part after `step` steps; what has just been found isn't found again."""
        known, self._judged = self._judged, None
        return known[1] if known and known[0] == step else validate_learner(self.learner, self.held_out)

    def is_reached(self, accuracy: float | None) -> bool:
        """Whether this accuracy is enough."""
        merit = self.learner.task.merit
        return self.until is not None and accuracy is not None and merit.reaches(accuracy, self.until)

    def ends(self, length: Length, step: int) -> bool:
        """Whether a cycle of the learning rate has ended with this step, and the goal is reached."""
        if self.until is None or not ends_cycle(self.learner.recipe, length, step):
            return False
        judged = self.judge(step)
        if self.is_reached(judged[1]):
            self._judged = step, judged
        return self._judged is not None
