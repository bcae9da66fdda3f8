"""Two ways to read a map: each window's cells laid into the channels, and every so many cells alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Spread(nn.Module):
    """Lay the cells of each window into the channels: what `flatten` gives for one window, for all of them.

    Shape:   [N, C, *extents] -> [N, C * cells, *windows].
    Cost:    no parameters; a copy of the input for every cell of the window.

    >>> Spread((2,), (1,))(torch.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[1., 2.],
             [2., 3.]]])
    """

    def __init__(self, kernel_size: Sequence[int], stride: Sequence[int]) -> None:
        super().__init__()
        self.kernel_size, self.stride = tuple(kernel_size), tuple(stride)

    def forward(self, input: Tensor) -> Tensor:
        windows = input
        for axis, (size, step) in enumerate(zip(self.kernel_size, self.stride, strict=True), start=2):
            windows = windows.unfold(axis, size, step)
        axes = len(self.kernel_size)
        places, taps = range(2, 2 + axes), range(2 + axes, 2 + 2 * axes)
        return torch.permute(windows, (0, 1, *taps, *places)).flatten(1, 1 + axes)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}"


class Every(nn.Module):
    """Take every so many cells along each axis, the first among them.

    Shape:   [N, C, *extents] -> [N, C, *ceil(extent / stride)].
    Cost:    none: a view.

    >>> Every((2,))(torch.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[1., 3.]]])
    """

    def __init__(self, stride: Sequence[int]) -> None:
        super().__init__()
        self.stride = tuple(stride)

    def forward(self, input: Tensor) -> Tensor:
        return input[:, :, *(slice(None, None, step) for step in self.stride)]

    def extra_repr(self) -> str:
        return f"stride={self.stride}"
