"""One bias for every output cell, as the first convolutional networks had it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, fx, nn

from striate.errors import ShapeError


class CellBias(nn.Module):
    """Add a bias of its own to every cell of every channel; the input's extents are fixed.

    Shape:   [N, channels, *extents] -> the same.
    Cost:    `count_cell_biases` parameters, 0 multiplies.
    Raises:  ShapeError for an input of other channels or extents.
    Source:  LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition", sec. 3.3.

    >>> CellBias(12, (8, 8)).bias.shape
    torch.Size([12, 8, 8])
    """

    def __init__(self, channels: int, extents: Sequence[int]) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels, *extents))

    def forward(self, input: Tensor) -> Tensor:
        _require_cells(input, self.bias)
        return input + self.bias.to(input.dtype)

    def extra_repr(self) -> str:
        channels, *extents = self.bias.shape
        return f"{channels}, extents={tuple(extents)}"


def add_cell_bias(convolution: nn.Module, channels: int, extents: Sequence[int]) -> nn.Sequential:
    """Put a bias per output cell behind a convolution without one; `channels` and `extents` are its output's.

    >>> add_cell_bias(nn.Conv1d(1, 2, 3, bias=False), 2, (6,))
    Sequential(
      (conv): Conv1d(1, 2, kernel_size=(3,), stride=(1,), bias=False)
      (cells): CellBias(2, extents=(6,))
    )
    """
    return nn.Sequential(OrderedDict(conv=convolution, cells=CellBias(channels, extents)))


@fx.wrap
def _require_cells(input: Tensor, bias: Tensor) -> None:
    """Refuse another input; wrapped because `torch.fx` can't follow a look at shapes: it records this as one call."""
    if input.shape[1:] != bias.shape:
        found, needed = ("x".join(map(str, tensor)) for tensor in (input.shape[1:], bias.shape))
        raise ShapeError(
            f"the input is {found}, but the layer has a bias for each cell of {needed}. Build it for that input."
        )
