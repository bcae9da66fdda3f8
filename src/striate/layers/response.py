"""Local response normalisation: strong channels quieten their neighbours at the same position."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class ResponseNorm(nn.LocalResponseNorm):
    """`nn.LocalResponseNorm`, without its detour over three axes: exact sight in any number of axes, and faster.

    y_c = x_c / (k + alpha/size * sum of x_i^2)^beta, over the `size` channels from c - size//2 on; those beyond the
    first and the last count as 0. torch divides alpha by the size and the paper doesn't: its alpha = 1e-4 with n = 5 is
    5e-4 here.

    Shape:   [N, C, *extents] -> the same; a flat [N, C] too.
    Cost:    0 parameters; its products are declared free.
    Source:  Krizhevsky, Sutskever, Hinton 2012, sec. 3.3.

    >>> import torch
    >>> ResponseNorm(1, alpha=1.0, beta=0.5, k=0.0)(torch.tensor([[[3.0], [-5.0]]]))
    tensor([[[ 1.],
             [-1.]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        around = (0, 0) * (input.dim() - 2) + (self.size // 2, (self.size - 1) // 2)
        squares = F.pad(input * input, around).unfold(1, self.size, 1).sum(-1)
        return input / (squares * (self.alpha / self.size) + self.k) ** self.beta
