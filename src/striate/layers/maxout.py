"""Maxout: of every few channels side by side, the largest value passes."""

from __future__ import annotations

import torch
from torch import Tensor, fx, nn

from striate.arithmetic import require_positive
from striate.errors import ShapeError


class Maxout(nn.Module):
    """Take the largest of `pieces` consecutive channels at each position.

    Shape:   [N, C, *extents] -> [N, C/pieces, *extents]; a flat [N, C] too.
    Cost:    0 parameters, 0 multiplies.
    Raises:  ShapeError where `pieces` doesn't divide the channels.
    Source:  Goodfellow et al. 2013, arXiv:1302.4389, sec. 2.

    >>> Maxout(2)(torch.tensor([[1.0, 4.0, -3.0, -2.0]]))
    tensor([[ 4., -2.]])
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        require_positive(pieces=pieces)
        self.pieces = pieces

    def forward(self, input: Tensor) -> Tensor:
        _require_pieces(input, self.pieces)
        return torch.unflatten(input, 1, (-1, self.pieces)).amax(2)

    def extra_repr(self) -> str:
        return str(self.pieces)


@fx.wrap
def _require_pieces(input: Tensor, pieces: int) -> None:
    if input.shape[1] % pieces:
        raise ShapeError(
            f"maxout of {pieces} gets {input.shape[1]} channels, but {pieces} must divide them. "
            "Choose a number of channels that it divides."
        )
