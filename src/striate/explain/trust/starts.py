"""What insertion begins with: an input of which nothing can be told any more."""

from __future__ import annotations

import torch
from torch import Tensor

from striate.explain.trust.blurring import blur


def make_start(one: Tensor, *, symbols: bool = False) -> Tensor:
    """One input blurred; of `symbols`, whose numbers are names, there is nothing between two, so zeros.

    Shape:   [channels, *extents] -> the same.

    >>> make_start(torch.ones(1, 3), symbols=True).tolist()
    [[0.0, 0.0, 0.0]]
    """
    return torch.zeros_like(one) if symbols else blur(one[None])[0]
