"""Layer norm over the channels at each position."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ChannelNorm(nn.Module):
    """Normalise the channels of each position to mean 0 and variance 1, then scale and shift each channel.

    Shape:   [N, C, *extents] -> the same.
    Cost:    2*C parameters.
    Source:  Liu et al. 2022, arXiv:2201.03545, sec. 2.6; Ba et al. 2016, arXiv:1607.06450, sec. 3.

    >>> ChannelNorm(2, eps=0.0)(torch.tensor([[[1.0, 5.0], [3.0, 1.0]]]))
    tensor([[[-1.,  1.],
             [ 1., -1.]]], grad_fn=<...>)
    """

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.channels = channels
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, input: Tensor) -> Tensor:
        normal = F.layer_norm(input.movedim(1, -1), (self.channels,), self.weight, self.bias, self.eps)
        return normal.movedim(-1, 1)

    def extra_repr(self) -> str:
        return f"{self.channels}, eps={self.eps}"
