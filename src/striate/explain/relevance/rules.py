"""How much of an output's relevance its positive and its negative contributions get: the two rules of a sum.

Both give away all that they are given, whatever the biases. Only an output with no contribution other than 0 has nobody
to give to; then its bias keeps the share.
"""

from __future__ import annotations

import torch
from torch import Tensor

EPSILON = 0.01
"""How far, in parts of all that was contributed, a sum is kept away from 0 when it is divided by."""


def share_positive(up: Tensor, down: Tensor, output: Tensor | None, relevance: Tensor) -> tuple[Tensor, Tensor]:
    """All to the positive contributions, in proportion; to the negative ones where there are no others.

    Source:  Bach et al. 2015, doi:10.1371/journal.pone.0130140, equation 60 with alpha 1 and beta 0.

    >>> share_positive(torch.tensor([4.0]), torch.tensor([-1.0]), None, torch.tensor([2.0]))
    (tensor([0.5000]), tensor([0.]))
    """
    return divide(relevance, up), torch.where(up == 0, divide(relevance, down), 0)


def share_signed(up: Tensor, down: Tensor, output: Tensor | None, relevance: Tensor) -> tuple[Tensor, Tensor]:
    """To each contribution in proportion, those that speak against the sum below 0.

    What the bias would keep, and what a sum near 0 is stabilised with, goes to all contributions by their size.

    Source:  Bach et al. 2015, equation 58 (the epsilon rule); sharing out what is left over is ours.

    >>> up, down = share_signed(torch.tensor([4.0]), torch.tensor([-1.0]), None, torch.tensor([6.0]))
    >>> float(4 * up - 1 * down)
    6.0
    """
    total, size = up + down, up - down
    value = total if output is None else output
    steady = value + EPSILON * torch.where(value < 0, -size, size)
    even = divide(relevance, steady)
    left = divide(steady - total, size) * even
    return even + left, even - left


def divide(numbers: Tensor, by: Tensor) -> Tensor:
    """The quotient, 0 where it would be divided by 0, or by so little that it would overflow."""
    limits = torch.finfo(by.dtype)
    nothing = by.abs() <= limits.tiny / limits.eps
    return torch.where(nothing, 0, numbers / torch.where(nothing, 1, by))
