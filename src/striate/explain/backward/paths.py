"""The gradient integrated along a straight line to an input, so that it accounts for all of the score's rise.

The line is cut into panels, each integrated by two Gauss points. What a panel's integral must come to is known
beforehand, the score at its end less that at its start, so each panel is checked by itself. A network of ReLUs bends
where a unit begins to fire: if the bend lies between the two points, shifting weight from the one to the other
accounts for it. The panels where the most is left over are halved until the whole is accounted for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import torch
from torch import Tensor

from striate.explain.backward.gradients import find_gradient
from striate.explain.question import Question

PANELS, MOST_PANELS, ROUND = 32, 256, 16
POINTS = ((1 - 1 / sqrt(3)) / 2, (1 + 1 / sqrt(3)) / 2)
"""The Gauss-Legendre points of a panel from 0 to 1, each of weight 1/2."""


@dataclass(frozen=True)
class Path:
    """The mean gradient [channels, *extents] along the line; how much the score rose, and what of it is left over."""

    gradient: Tensor
    rise: float
    rest: float


@dataclass(frozen=True)
class Panel:
    """A piece of the line: shares of the way, the score's rise, and the gradient's integral, which leaves a rest."""

    start: float
    end: float
    rise: float
    integral: Tensor
    rest: float = 0.0


def follow_path(question: Question, place: int, tolerance: float) -> Path:
    """Integrate from zero to one input of a question, until what is left over is within a share of the score's rise.

    Cost:    `PANELS` panels at first and `MOST_PANELS` at most, each of two gradients and a score.
    Source:  Gauss-Legendre quadrature with two points; Sundararajan, Taly, Yan 2017, proposition 1.
    """
    line = Line(question, place)
    edges = [number / PANELS for number in range(PANELS + 1)]
    scores = line.score(edges)
    rise = scores[-1] - scores[0]
    rises = [end - start for start, end in pairwise(scores)]
    panels, made = list(line.integrate(edges[:-1], edges[1:], rises)), PANELS
    while abs(sum(panel.rest for panel in panels)) > tolerance * abs(rise) and made < MOST_PANELS:
        ragged = [panel for panel in panels if abs(panel.rest) > tolerance * abs(rise) * (panel.end - panel.start)]
        ragged = sorted(ragged, key=lambda panel: -abs(panel.rest))[:ROUND]
        if not ragged:
            break  # all that is left over is rounding
        kept = [panel for panel in panels if all(panel is not other for other in ragged)]
        panels = kept + list(line.halve(ragged))
        made += 2 * len(ragged)
    total = torch.stack([panel.integral for panel in panels]).sum(0)
    return Path(total, rise, rise - line.multiply(total[None])[0])


class Line:
    """The straight line from zero to one input of a question."""

    def __init__(self, question: Question, place: int) -> None:
        """Take the input at a place of the batch."""
        self.question = question
        self.sample = question.inputs[place].detach()
        self.target = question.target[place]

    def place(self, shares: list[float]) -> Iterator[tuple[Tensor, Tensor]]:
        """The points at shares of the way, [count, channels, *extents], with their targets; few at a time."""
        axes = [1] * self.sample.ndim
        for part in torch.split(torch.tensor(shares, dtype=torch.float64), max(2, self.question.rows // 2 * 2)):
            yield part.to(self.sample).reshape(-1, *axes) * self.sample, self.target.expand(len(part))

    def multiply(self, gradients: Tensor) -> list[float]:
        """How fast the score rises along the line, by each gradient."""
        return [float(rate) for rate in (gradients * self.sample).flatten(1).double().sum(1)]

    def score(self, shares: list[float]) -> list[float]:
        """The scores at shares of the way."""
        with torch.no_grad():
            return [float(score) for part in self.place(shares) for score in self.question.score(*part)]

    def integrate(self, starts: list[float], ends: list[float], rises: list[float]) -> Iterator[Panel]:
        """The panels between starts and ends, of which the score's rises are known."""
        sizes = [end - start for start, end in zip(starts, ends, strict=True)]
        points = [start + size * point for start, size in zip(starts, sizes, strict=True) for point in POINTS]
        pairs = (pair for part in self.place(points) for pair in torch.split(find_gradient(self.question, *part), 2))
        for start, end, rise, pair in zip(starts, ends, rises, pairs, strict=True):
            first, second = (rate * (end - start) for rate in self.multiply(pair))
            share = weigh(first, second, rise)
            integral = (end - start) * (share * pair[0] + (1 - share) * pair[1])
            yield Panel(start, end, rise, integral, rise - share * first - (1 - share) * second)

    def halve(self, panels: list[Panel]) -> Iterator[Panel]:
        """Both halves of panels."""
        starts, ends = [panel.start for panel in panels], [panel.end for panel in panels]
        middles = [(start + end) / 2 for start, end in zip(starts, ends, strict=True)]
        scores = self.score(starts + middles)
        firsts = [middle - start for start, middle in zip(scores, scores[len(panels) :], strict=False)]
        seconds = [panel.rise - first for panel, first in zip(panels, firsts, strict=True)]
        yield from self.integrate(starts + middles, middles + ends, firsts + seconds)


def weigh(first: float, second: float, rise: float) -> float:
    """The weight of the first of two points with which both account best for a rise; 1/2 where weights don't matter.

    >>> weigh(1.0, 3.0, 2.0), weigh(1.0, 3.0, 2.5), weigh(1.0, 3.0, 4.0), weigh(2.0, 2.0, 3.0)
    (0.5, 0.25, 0.0, 0.5)
    """
    if first == second:
        return 0.5
    return min(max((second - rise) / (second - first), 0.0), 1.0)
