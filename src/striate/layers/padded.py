"""Convolution with a padding of its own before and after each axis, which torch's layers can't express."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from striate.arithmetic import Pair
from striate.layers.axes import spread_pairs
from striate.layers.padding import pad_axes


class PaddedConv(_ConvNd):
    """What all padded convolutions share; `pads` are the cells (before, after) of each axis, in axes' order.

    With `padding_mode="zeros"`, `fill` is what the padding holds.
    """

    convolve: ClassVar[Callable[..., Tensor]]
    pads: tuple[Pair, ...]
    fill: float

    def __init__(self, *args: Any, pads: Sequence[Pair], fill: float = 0.0, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pads = spread_pairs(len(self.kernel_size), pads, "pads")
        self.fill = fill

    def forward(self, input: Tensor) -> Tensor:
        padded = pad_axes(input, self.pads, self.padding_mode, self.fill)
        return self.convolve(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        ordinary = super().extra_repr()  # type: ignore[no-untyped-call]
        return f"{ordinary}, pads={self.pads}" + (f", fill={self.fill}" if self.fill else "")


class PaddedConv1d(PaddedConv, nn.Conv1d):
    """`nn.Conv1d` with `pads=((before, after),)`; its own `padding` stays 0.

    Shape:  [N, C, L] -> [N, out_channels, convolve_extent(L, ..., pad=pads[0])].

    >>> PaddedConv1d(1, 1, 4, pads=((3, 0),))
    PaddedConv1d(1, 1, kernel_size=(4,), stride=(1,), pads=((3, 0),))
    """

    convolve = staticmethod(F.conv1d)


class PaddedConv2d(PaddedConv, nn.Conv2d):
    """`nn.Conv2d` with `pads=((before, after), (before, after))` for height and width; its own `padding` stays 0."""

    convolve = staticmethod(F.conv2d)


class PaddedConv3d(PaddedConv, nn.Conv3d):
    """`nn.Conv3d` with one (before, after) in `pads` for depth, height and width each; its own `padding` stays 0."""

    convolve = staticmethod(F.conv3d)
