"""The ascent itself: Adam on what is written on a canvas, many inputs at once, each for an objective of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.ascent.objectives import SCORES, Objective
from striate.explain.ascent.painting import Canvas
from striate.explain.ascent.wobble import Wobble
from striate.explain.hooks import watch
from striate.explain.question import Hear, scores_of
from striate.explain.untouched import untouched

MOST_STEPS = 100_000
LOUDER = (4.0, 16.0, 64.0)  # times the usual beginning, where a rectifier holds back all of it
DECAY, SQUARE_DECAY, TINY = 0.9, 0.999, 1e-12


@dataclass(frozen=True)
class Steps:
    """How far an ascent goes: how many steps of which size, out of how many beginnings the best is taken.

    `rows` is how many inputs climb at once.
    """

    count: int = 256
    rate: float = 0.05
    starts: int = 4
    seed: int = 0
    rows: int = 64
    wobble: Wobble = field(default_factory=Wobble)

    def __post_init__(self) -> None:
        """Check that there are steps to take."""
        if not 1 <= self.count <= MOST_STEPS:
            raise InputError(f"steps: found {self.count}, needed a number from 1 to {MOST_STEPS}")
        if not self.rate > 0:
            raise InputError(f"rate: found {self.rate:g}, needed a number above 0, such as 0.05")
        if self.starts < 1 or self.rows < 1:
            raise InputError("starts and rows: needed at least 1")


@dataclass(frozen=True)
class Climb:
    """The inputs that came of an ascent [count, channels, *extents], and each one's objective on the way there.

    `history` is [count, steps + 1]: of the best beginning, then after each step, of the inputs as they were wobbled,
    and last of the results as they are.
    """

    inputs: Tensor = field(repr=False)
    history: Tensor = field(repr=False)

    @property
    def started(self) -> tuple[float, ...]:
        """The objective of each one's best beginning."""
        return tuple(self.history[:, 0].tolist())

    @property
    def reached(self) -> tuple[float, ...]:
        """The objective of each result."""
        return tuple(self.history[:, -1].tolist())


def climb(
    module: nn.Module,
    objectives: Sequence[Objective],
    canvas: Canvas,
    steps: Steps | None = None,
    on_progress: Hear | None = None,
) -> Climb:
    """Make an input for each objective by gradient ascent; what one becomes doesn't hang on the others beside it.

    Cost:    `steps.count` forward passes and as many backward to the input.
    Raises:  InputError for a layer, unit or class that there isn't, and a size that the network can't take.
    Source:  Erhan et al. 2009, "Visualizing higher-layer features of a deep network", sec. 3.1.
    """
    steps = steps or Steps()
    if not objectives:
        raise InputError("objectives: found none, needed at least one")
    groups = [objectives[first : first + steps.rows] for first in range(0, len(objectives), steps.rows)]
    total, parts = steps.count * len(groups), []
    with untouched(module):
        module.requires_grad_(False)  # the way to the input is cheaper without the ways to the weights
        for number, group in enumerate(groups):
            ascent = _Ascent(module, group, canvas, steps)
            ascent.begin()
            for step in range(steps.count):
                ascent.step()
                if on_progress is not None:
                    on_progress(number * steps.count + step + 1, total)
            parts.append(ascent.finish())
    return Climb(torch.cat([part.inputs for part in parts]), torch.cat([part.history for part in parts]))


class _Ascent:
    """A batch of inputs on their way up."""

    def __init__(self, module: nn.Module, objectives: Sequence[Objective], canvas: Canvas, steps: Steps) -> None:
        self.module, self.objectives, self.canvas, self.steps = module, objectives, canvas, steps
        self.paths = frozenset().union(*(each.layers for each in objectives))
        self.generator = torch.Generator().manual_seed(steps.seed)
        self.history: list[Tensor] = []
        self.taken = 0

    def begin(self) -> None:
        """Write down, for each input, the best of its beginnings; a louder one where that has no gradient."""
        best, figures = self._start(0), None
        for number in range(self.steps.starts):
            written = self._start(number)
            with torch.no_grad():
                found = self._judge(self.canvas.paint(written), check=figures is None)
            figures = found if figures is None else figures
            better = found > figures
            best[better], figures = written[better], torch.where(better, found, figures)
        for loudness in LOUDER:
            figures, gradient = self._differentiate(best)
            silent = gradient.flatten(1).abs().amax(1) == 0
            if not bool(silent.any()):
                break
            best[silent] = loudness * self._start(0)[silent]
        with torch.no_grad():
            self.history.append(self._judge(self.canvas.paint(best)))
        self.written = self.first = best
        self.mean, self.square = torch.zeros_like(best), torch.zeros_like(best)

    def _start(self, number: int) -> Tensor:
        seeds = [crc32(f"{self.steps.seed} {number} {each.key}".encode()) for each in self.objectives]
        return self.canvas.begin(seeds)

    def step(self) -> None:
        """One step of Adam, up; the gradient is taken where the inputs were moved to."""
        figures, gradient = self._differentiate(self.written, self.steps.wobble)
        if self.taken:
            self.history.append(figures)
        self._move(gradient)

    def _differentiate(self, written: Tensor, wobble: Wobble | None = None) -> tuple[Tensor, Tensor]:
        """The objective of each input, and its gradient in what is written; nothing of it reaches a parameter."""
        leaf = written.detach().requires_grad_()
        with torch.enable_grad():
            inputs = self.canvas.paint(leaf)
            figures = self._judge(inputs if wobble is None else wobble.apply(inputs, self.generator))
            (gradient,) = torch.autograd.grad(figures.sum(), leaf, allow_unused=True)
        return figures.detach(), torch.zeros_like(leaf) if gradient is None else gradient

    def _move(self, gradient: Tensor) -> None:
        """Adam as in Kingma and Ba 2015, alg. 1, its rate falling to nothing over the last quarter."""
        self.taken += 1
        self.mean.lerp_(gradient, 1 - DECAY)
        self.square.lerp_(gradient.square(), 1 - SQUARE_DECAY)
        mean = self.mean / (1 - DECAY**self.taken)
        square = self.square / (1 - SQUARE_DECAY**self.taken)
        left = 1 - (self.taken - 1) / self.steps.count
        self.written = self.written + self.steps.rate * min(1.0, 4 * left) * mean / (square.sqrt() + TINY)

    def finish(self) -> Climb:
        """What was made; where that isn't better than the beginning, the beginning."""
        with torch.no_grad():
            figures = self._judge(self.canvas.paint(self.written))
            worse = ~(figures > self.history[0])
            self.written[worse] = self.first[worse]
            inputs = self.canvas.paint(self.written)
        self.history.append(torch.where(worse, self.history[0], figures))
        return Climb(inputs.detach(), torch.stack(self.history, 1).cpu())

    def _judge(self, inputs: Tensor, *, check: bool = False) -> Tensor:
        """The objective of each input, [count]."""
        with watch(self.module, sorted(self.paths - {SCORES})) as seen:
            scores = run(self.module, inputs, named=SCORES in self.paths)
        found = {**seen, **({SCORES: scores} if scores is not None else {})}
        if check:
            for each in self.objectives:
                each.check(found)
        return torch.stack([each.judge(found, row) for row, each in enumerate(self.objectives)])


def run(module: nn.Module, inputs: Tensor, *, named: bool) -> Tensor | None:
    """A pass; the class scores, where they are asked for.

    Raises:  InputError where the network can't take inputs of this size.
    """
    try:
        if named:
            return scores_of(module, inputs)
        module(inputs)
    except (RuntimeError, ValueError) as problem:
        size = "x".join(map(str, inputs.shape[1:]))
        reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        raise InputError(
            f"size: the network can't take {size} ({reason}). Leave it out to have the input's own"
        ) from None
    return None
