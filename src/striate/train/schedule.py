"""The schedule: what share of the learning rate each moment gets, and when the run is over.

Both are pure functions of the share of the run that is done, whether that is counted in steps or in minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

from striate.train.recipe import Recipe

_START = 0.1


def one_cycle(share: float, warmup: float = 0.25, final: float = 0.0) -> float:
    """The learning rate's share of its peak when `share` of the run is done: up from 0.1 to 1, then down to `final`.

    Source: Smith & Topin 2017, "Super-convergence", arXiv:1708.07120 (one cycle, here without a tail of its own).

    >>> [one_cycle(share, warmup=0.5) for share in (0.0, 0.5, 0.75, 1.0)]
    [0.1, 1.0, 0.5, 0.0]
    """
    share = min(max(share, 0.0), 1.0)
    if share < warmup:
        return _START + (1 - _START) * share / warmup
    if warmup == 1:
        return 1.0
    return final + (1 - final) * (1 - share) / (1 - warmup)


@dataclass(frozen=True)
class Length:
    """How long a run is: in steps, or in seconds where `seconds` is given. `per_epoch` steps make an epoch.

    >>> length = Length(per_epoch=10, steps=40)
    >>> length.share(step=10, elapsed=0), length.is_over(step=40, elapsed=0), length.epochs
    (0.25, True, 4)
    """

    per_epoch: int
    steps: int
    seconds: float | None = None

    @property
    def epochs(self) -> int:
        """Epochs that the steps amount to, a last incomplete one counted."""
        return -(-self.steps // self.per_epoch)

    def share(self, step: int, elapsed: float) -> float:
        """The share of the run that is done after `step` steps and `elapsed` seconds."""
        done = step / self.steps if self.seconds is None else elapsed / self.seconds
        return min(done, 1.0)

    def is_over(self, step: int, elapsed: float) -> bool:
        """Whether the next step is one too many."""
        return step >= self.steps if self.seconds is None else elapsed >= self.seconds

    def expect(self, step: int, elapsed: float) -> Length:
        """The same length with `steps` as they will come out: for minutes, judged by the pace so far."""
        if self.seconds is None or not step or not elapsed:
            return self
        return Length(self.per_epoch, max(step, round(step * self.seconds / elapsed)), self.seconds)


def plan_length(recipe: Recipe, per_epoch: int) -> Length:
    """The length that the recipe asks for, when an epoch has `per_epoch` steps."""
    steps = recipe.epochs * per_epoch if recipe.steps is None else recipe.steps
    return Length(per_epoch, steps, None if recipe.minutes is None else 60 * recipe.minutes)
