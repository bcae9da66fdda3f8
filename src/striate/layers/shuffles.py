"""Pixel shuffle over any axes, of which torch has two: channels become cells. (The channel shuffle is torch's own)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor, fx, nn

from striate.arithmetic import require_positive
from striate.errors import InputError, ShapeError


class PixelShuffleNd(nn.Module):
    """Lay every `prod(factors)` consecutive channels out as a block of `factors` cells, one factor per axis.

    Within a block the channels run row by row. Over two axes with equal factors it is `nn.PixelShuffle`.

    Shape:   [N, C, *extents] -> [N, C/prod(factors), *(extent*factor)].
    Cost:    0 parameters, 0 multiplies.
    Raises:  ShapeError for an input of other axes, or of channels that the product doesn't divide.
    Source:  Shi et al. 2016, arXiv:1609.05158, equation 4, generalised.

    >>> PixelShuffleNd((2,))(torch.tensor([[[0.0, 2.0], [1.0, 3.0]]]))
    tensor([[[0., 1., 2., 3.]]])
    """

    def __init__(self, factors: Sequence[int]) -> None:
        super().__init__()
        self.factors = tuple(factors)
        if not self.factors:
            raise InputError("pixel shuffle has no factor, but it needs one for each axis.")
        for factor in self.factors:
            require_positive(factor=factor)

    def forward(self, input: Tensor) -> Tensor:
        _require_blocks(input, self.factors)
        axes = len(self.factors)
        blocks = torch.unflatten(input, 1, (-1, *self.factors))
        output = blocks.permute(0, 1, *(dim for axis in range(axes) for dim in (2 + axes + axis, 2 + axis)))
        for axis in range(2, 2 + axes):
            output = output.flatten(axis, axis + 1)
        return output

    def extra_repr(self) -> str:
        return str(self.factors)


def make_pixel_shuffle(factors: Sequence[int]) -> nn.Module:
    """Make torch's own pixel shuffle where there is one for these axes and factors, else one over any axes.

    >>> make_pixel_shuffle((2, 2)), make_pixel_shuffle((2, 1))
    (PixelShuffle(upscale_factor=2), PixelShuffleNd((2, 1)))
    """
    factors = tuple(factors)
    if len(factors) == 2 and factors[0] == factors[1]:
        return nn.PixelShuffle(factors[0])
    return PixelShuffleNd(factors)


@fx.wrap
def _require_blocks(input: Tensor, factors: tuple[int, ...]) -> None:
    if input.dim() != 2 + len(factors) or input.shape[1] % prod(factors):
        shape, block = ("x".join(str(extent) for extent in extents) for extents in (input.shape[1:], factors))
        raise ShapeError(
            f"pixel shuffle by {block} gets {shape}, but it needs {len(factors)} axes and channels that "
            f"{prod(factors)} divides. Change the channels or the factors."
        )
