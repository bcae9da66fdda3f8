"""What each input of a weighted sum contributed to it: x times w, its positive and its negative part apart.

Every linear operation is such a sum: convolution, dense layer, average, interpolation, the meeting of two branches. A
rule looks at the two parts of each output and gives two factors; each input then gets its positive contributions times
the one and its negative contributions times the other. No matrix is written down: the sums are the operation
itself on the parts of x and w, and the way back is its own gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

Run = Callable[[Tensor, Tensor | None], Tensor]
"""A linear operation as a function of its input and its weight, without the bias."""


@dataclass(frozen=True)
class Term:
    """One input of a sum: `run(x, weight)` is linear in both; without a weight, none of its weights is below 0."""

    x: Tensor
    run: Run
    weight: Tensor | None = None

    def pieces(self, positive: bool) -> list[Piece]:
        """The parts of input and weight whose products are all of that sign."""
        high, low = self.x.clamp(min=0), self.x.clamp(max=0)
        if self.weight is None:
            return [self._piece(high if positive else low, None)]
        up, down = self.weight.clamp(min=0), self.weight.clamp(max=0)
        pairs = [(high, up), (low, down)] if positive else [(high, down), (low, up)]
        return [self._piece(x, weight) for x, weight in pairs if x.any()] or [self._piece(*pairs[0])]

    def _piece(self, x: Tensor, weight: Tensor | None) -> Piece:
        leaf = x.detach().requires_grad_()
        with torch.enable_grad():
            return Piece(leaf, self.run(leaf, weight))


@dataclass(frozen=True)
class Piece:
    """Part of a term, and what it comes to in each output."""

    x: Tensor
    output: Tensor

    def hand_back(self, factor: Tensor) -> Tensor:
        """Each contribution times the factor of its output, summed by input."""
        (summed,) = torch.autograd.grad(self.output, self.x, factor.expand_as(self.output))
        return self.x.detach() * summed


@dataclass(frozen=True)
class Contributions:
    """The terms of a sum, and what was made of it since: times `scale`, plus a constant, which gave `output`.

    `scale` is None where there was none, `output` where it isn't needed. `sliding` says that the sum is taken at
    several places, as by a convolution.
    """

    terms: Sequence[Term]
    sliding: bool = False
    scale: Tensor | None = None
    output: Tensor | None = None

    def fold(self, scale: Tensor, output: Tensor | None) -> Contributions:
        """The same sum with an affine step after it, such as a batch norm, counted in."""
        whole = scale if self.scale is None else scale * self.scale
        return replace(self, scale=whole, output=output)

    def hand(self, relevance: Tensor, rule: Rule) -> list[Tensor]:
        """What the rule gives each term's input of the relevance of the outputs."""
        pieces = [[term.pieces(True), term.pieces(False)] for term in self.terms]
        up, down = (sum_outputs([piece for pair in pieces for piece in pair[side]]) for side in (0, 1))
        flip = None if self.scale is None else self.scale < 0
        if self.scale is not None and flip is not None:
            up, down = torch.where(flip, down, up) * self.scale, torch.where(flip, up, down) * self.scale
        factors = rule(up, down, self.output, relevance)
        if self.scale is not None and flip is not None:
            first, second = factors
            factors = torch.where(flip, second, first) * self.scale, torch.where(flip, first, second) * self.scale
        return [hand_back(term.x, pair, factors) for term, pair in zip(self.terms, pieces, strict=True)]


def hand_back(x: Tensor, pair: Sequence[Sequence[Piece]], factors: Sequence[Tensor]) -> Tensor:
    """What the pieces of a term, the positive and the negative ones, hand back to its input together."""
    weighed = [(piece, factor) for side, factor in zip(pair, factors, strict=True) for piece in side if factor.any()]
    return sum_parts([torch.zeros_like(x), *(piece.hand_back(factor) for piece, factor in weighed)])


Rule = Callable[[Tensor, Tensor, "Tensor | None", Tensor], "tuple[Tensor, Tensor]"]
"""From the positive and the negative sum of each output, the output itself (None where it is their sum) and its
relevance: the factors of the positive and of the negative contributions."""


def sum_outputs(pieces: Sequence[Piece]) -> Tensor:
    """What the pieces come to together."""
    return sum_parts([piece.output.detach() for piece in pieces])


def sum_parts(parts: Sequence[Tensor]) -> Tensor:
    """The sum of one tensor or more."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
