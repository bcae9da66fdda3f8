"""Norms that torch lacks: over the channels at each position, and over the batch past three axes."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from striate.layers.axes import MOST_BY_TORCH


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


class BatchNormNd(_BatchNorm):
    """`nn.BatchNorm1d` and its kin for any number of axes; parameters and buffers are theirs.

    Shape:   [N, C, *extents] -> the same.
    Cost:    2*C parameters.
    Source:  Ioffe & Szegedy 2015, arXiv:1502.03167, sec. 3.2.

    >>> BatchNormNd(2)(torch.zeros(1, 2, 3, 3, 3, 3)).shape
    torch.Size([1, 2, 3, 3, 3, 3])
    """

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.flatten(2)).reshape_as(input)  # CUDA's library takes eight axes at most

    def _check_input_dim(self, input: Tensor) -> None:
        """Take any number of axes."""


def make_batch_norm(axes: int, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> nn.Module:
    """Make torch's own batch norm for up to three axes (flat rows included), else ours.

    >>> make_batch_norm(0, 4), make_batch_norm(3, 4)
    (BatchNorm1d(4, eps=1e-05, ...), BatchNorm3d(4, eps=1e-05, ...))
    """
    if axes > MOST_BY_TORCH:
        return BatchNormNd(channels, eps=eps, momentum=momentum)
    return (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[axes](channels, eps=eps, momentum=momentum)
