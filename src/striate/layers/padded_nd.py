"""Convolution over four and more axes, by one of torch's over three.

The taps of the leading axes are laid into the channels, and the places where they stand into the batch: what is left
slides over the last three axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.arithmetic import Pair, compute_span
from striate.layers.axes import MOST_BY_TORCH, Numbers, require_dimensions, spread_numbers
from striate.layers.padded import PaddedConv
from striate.layers.padding import pad_axes


class PaddedConvNd(PaddedConv):
    """Convolution over as many axes as `pads` has pairs (before, after), four at least.

    Shape:   [N, C, *extents] -> [N, out_channels, *convolve_extent(extent, ..., pad=pads[axis])].
    Cost:    as many parameters and multiplies as the formulas of a convolution say; the input is copied once for every
             tap of the leading axes (all but three).
    Raises:  ShapeError if the input has another number of axes.

    >>> PaddedConvNd(1, 8, 3, pads=[(1, 1)] * 4).weight.shape
    torch.Size([8, 1, 3, 3, 3, 3])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Numbers,
        stride: Numbers = 1,
        dilation: Numbers = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        pads: Sequence[Pair],
        fill: float = 0.0,
    ) -> None:
        axes = len(pads)
        size, step, spacing = spread_numbers(axes, kernel_size=kernel_size, stride=stride, dilation=dilation)
        none = (0,) * axes
        channels = (in_channels, out_channels)
        super().__init__(
            *channels, size, step, none, spacing, False, none, groups, bias, padding_mode, pads=pads, fill=fill
        )

    def forward(self, input: Tensor) -> Tensor:
        require_dimensions(input, len(self.pads))
        padded = pad_axes(input, self.pads, self.padding_mode, self.fill)
        numbers = (self.kernel_size, self.stride, self.dilation)
        return convolve_nd(padded, self.weight, self.bias, *numbers, self.groups)


def convolve_nd(
    padded: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    groups: int = 1,
) -> Tensor:
    """Convolve over four and more axes, without padding; `kernel_size` is the weight's, in whole numbers.

    Shape:   [N, C, *extents], [out_channels, C/groups, *kernel_size] -> [N, out_channels, *places].
    """
    lead = len(kernel_size) - MOST_BY_TORCH
    stacked = _stack_taps(padded, list(zip(kernel_size, stride, dilation, strict=True))[:lead])
    kernels = weight.flatten(1, 1 + lead)
    places = [stacked.shape[1 + axis] for axis in range(lead)]
    output = F.conv3d(stacked.flatten(0, lead), kernels, bias, stride[lead:], 0, dilation[lead:], groups)
    return cast(Tensor, output.unflatten(0, [-1, *places])).movedim(1 + lead, 1)  # type: ignore[no-untyped-call]


def _stack_taps(padded: Tensor, leading: Sequence[tuple[int, int, int]]) -> Tensor:
    """[N, C, *extents] -> [N, *places, C * taps, *the last three], places and taps those of the leading axes.

    The taps of a channel lie behind each other, as in the weight, so that the channels of a group stay together.
    """
    windows, axes, lead = padded, len(leading) + MOST_BY_TORCH, len(leading)
    for axis, numbers in enumerate(leading, start=2):
        windows = _open_windows(windows, axis, *numbers)
    places, inner = range(2, 2 + lead), range(2 + lead, 2 + axes)
    taps = range(2 + axes, 2 + axes + sum(size > 1 for size, _, _ in leading))
    return torch.permute(windows, (0, *places, 1, *taps, *inner)).flatten(1 + lead, 1 + lead + len(taps))


def _open_windows(padded: Tensor, axis: int, size: int, stride: int, dilation: int) -> Tensor:
    """Leave the places of an axis in its stead, and put its taps last; one tap alone needs no axis."""
    if size == 1:
        return padded[(*[slice(None)] * axis, slice(None, None, stride))] if stride > 1 else padded
    windows = padded.unfold(axis, compute_span(size, dilation), stride)
    return windows[..., ::dilation] if dilation > 1 else windows
