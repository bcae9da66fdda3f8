"""The schedule: what share of the learning rate each moment gets, and when the run is over.

Both are pure functions of the share of the run that is done, whether that is counted in steps or in minutes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from striate.train.recipe import Recipe


def find_share(recipe: Recipe, share: float) -> float:
    """The learning rate's share of its peak, by the recipe's schedule, when `share` of the run is done.

    >>> recipe = Recipe(epochs=1, mean=(0.5,), std=(0.5,), schedule="cosine", warmup=0.0)
    >>> [round(find_share(recipe, share), 3) for share in (0.0, 0.5, 1.0)]
    [1.0, 0.5, 0.0]
    """
    return SCHEDULES[recipe.schedule](min(max(share, 0.0), 1.0), recipe)


def one_cycle(share: float, warmup: float = 0.25, final: float = 0.0, start: float = 0.1) -> float:
    """The learning rate's share of its peak when `share` of the run is done: up from `start` to 1, then to `final`.

    Source: Smith & Topin 2017, "Super-convergence", arXiv:1708.07120 (one cycle, here without a tail of its own).

    >>> [one_cycle(share, warmup=0.5) for share in (0.0, 0.5, 0.75, 1.0)]
    [0.1, 1.0, 0.5, 0.0]
    """
    share = min(max(share, 0.0), 1.0)
    if share < warmup:
        return start + (1 - start) * share / warmup
    if warmup == 1:
        return 1.0
    return final + (1 - final) * (1 - share) / (1 - warmup)


def cosine(share: float, warmup: float = 0.25, final: float = 0.0, start: float = 0.1) -> float:
    """Up as in one cycle, then down to `final` along half a cosine.

    Source: Loshchilov & Hutter 2016, "SGDR", arXiv:1608.03983, equation 5.

    >>> [round(cosine(share, warmup=0.0, final=0.2), 3) for share in (0.0, 0.5, 1.0)]
    [1.0, 0.6, 0.2]
    """
    if share < warmup:
        return one_cycle(share, warmup, final, start)
    down = 0.0 if warmup == 1 else (share - warmup) / (1 - warmup)
    return final + (1 - final) * (1 + math.cos(math.pi * down)) / 2


def find_cycle(share: float, cycles: int) -> tuple[int, float]:
    """Which of `cycles` cycles, each twice as long as the one before, and the share of it that is done.

    Source: Loshchilov & Hutter 2016, "SGDR", arXiv:1608.03983, section 3, with T_mult = 2.

    >>> [find_cycle(share, cycles=2) for share in (0.0, 1 / 3, 1.0)]
    [(0, 0.0), (1, 0.0), (1, 1.0)]
    """
    place = share * (2**cycles - 1)
    cycle = min(cycles - 1, int(math.log2(place + 1) + 1e-9))
    return cycle, min(1.0, max(0.0, (place + 1) / 2**cycle - 1))


def ends_cycle(recipe: Recipe, length: Length, step: int) -> bool:
    """Whether the learning rate has just gone down to its end, and goes up again or the run is over.

    >>> recipe = Recipe(epochs=1, steps=30, mean=(0.5,), std=(0.5,), schedule="restarts", cycles=2)
    >>> [step for step in range(31) if ends_cycle(recipe, Length(per_epoch=4, steps=30), step)]
    [10, 30]
    """
    if length.seconds is not None:
        return False
    if recipe.schedule != "restarts":
        return step == length.steps
    parts = 2**recipe.cycles - 1
    return step in (round(length.steps * (2**cycle - 1) / parts) for cycle in range(1, recipe.cycles + 1))


def _restart(share: float, recipe: Recipe) -> float:
    return one_cycle(find_cycle(share, recipe.cycles)[1], recipe.warmup, recipe.final, recipe.start)


# The catalogue. What is linear begins at nothing, as the field's linear warm-up does.
SCHEDULES: dict[str, Callable[[float, Recipe], float]] = {
    "one-cycle": lambda share, recipe: one_cycle(share, recipe.warmup, recipe.final, recipe.start),
    "linear": lambda share, recipe: one_cycle(share, recipe.warmup, recipe.final, start=0.0),
    "cosine": lambda share, recipe: cosine(share, recipe.warmup, recipe.final, recipe.start),
    "restarts": _restart,
}


@dataclass(frozen=True)
class Length:
    """How long a run is: in steps, or in seconds where `seconds` is given. `per_epoch` steps make an epoch.

    `closing` are the seconds that the end will take after the last step: validating, writing, what the caller then
    does. A length in seconds has them taken off.

    >>> length = Length(per_epoch=10, steps=40)
    >>> length.share(step=10, elapsed=0), length.is_over(step=40, elapsed=0), length.epochs
    (0.25, True, 4)
    >>> Length(per_epoch=10, steps=40, seconds=60, closing=10).share(step=10, elapsed=25)
    0.5
    """

    per_epoch: int
    steps: int
    seconds: float | None = None
    closing: float = 0.0

    @property
    def epochs(self) -> int:
        """Epochs that the steps amount to, a last incomplete one counted."""
        return -(-self.steps // self.per_epoch)

    @property
    def training_seconds(self) -> float:
        """Seconds until the last step must be done, where the length is in seconds; infinite where it is in steps."""
        return math.inf if self.seconds is None else max(0.0, self.seconds - self.closing)

    def share(self, step: int, elapsed: float) -> float:
        """The share of the run that is done after `step` steps and `elapsed` seconds."""
        if self.seconds is None:
            return min(step / self.steps, 1.0)
        return min(elapsed / self.training_seconds, 1.0) if self.training_seconds else 1.0

    def is_over(self, step: int, elapsed: float) -> bool:
        """Whether the next step is one too many; in seconds, whether it would end further off than this one."""
        if self.seconds is None:
            return step >= self.steps
        pace = elapsed / step if step else 0.0
        return elapsed + pace / 2 >= self.training_seconds

    def expect(self, step: int, elapsed: float) -> Length:
        """The same length with `steps` as they will come out: for minutes, judged by the pace so far."""
        if self.seconds is None or not step or not elapsed:
            return self
        return replace(self, steps=max(step, round(step * self.training_seconds / elapsed)))


def plan_length(recipe: Recipe, per_epoch: int, *, before: float = 0.0, closing: float = 0.0) -> Length:
    """The length that the recipe asks for, when an epoch has `per_epoch` steps.

    Of a length in minutes, `before` seconds have gone already, and `closing` will be needed at the end.
    """
    steps = recipe.epochs * per_epoch if recipe.steps is None else recipe.steps
    return Length(per_epoch, steps, None if recipe.minutes is None else 60 * recipe.minutes - before, closing)
