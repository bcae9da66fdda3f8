"""Transposed convolution over four and more axes, by one of torch's over three.

Every cell of the leading axes is an example of its own, and every tap of theirs a channel of its own; what the taps
give is then laid over each other, axis by axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.arithmetic import Pair, compute_span
from striate.layers.axes import MOST_BY_TORCH, Numbers, require_dimensions, spread_numbers
from striate.layers.transposed import CroppedConvTranspose


class CroppedConvTransposeNd(CroppedConvTranspose):
    """Transposed convolution over as many axes as `crops` has pairs (before, after), four at least.

    Shape:   [N, C, *extents] -> [N, out_channels, *deconvolve_extent(extent, ..., crop=crops[axis])].
    Cost:    as many parameters and multiplies as the formulas of a transposed convolution say; what the taps of the
             leading axes (all but three) give is held side by side before it is summed.
    Raises:  ShapeError if the input has another number of axes.

    >>> CroppedConvTransposeNd(8, 1, 2, stride=2, crops=[(0, 0)] * 4)(torch.rand(1, 8, 3, 3, 3, 3)).shape
    torch.Size([1, 1, 6, 6, 6, 6])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Numbers,
        stride: Numbers = 1,
        groups: int = 1,
        bias: bool = True,
        dilation: Numbers = 1,
        *,
        crops: Sequence[Pair],
    ) -> None:
        axes = len(crops)
        size, step, spacing = spread_numbers(axes, kernel_size=kernel_size, stride=stride, dilation=dilation)
        none = (0,) * axes
        channels = (in_channels, out_channels)
        super().__init__(*channels, size, step, none, spacing, True, none, groups, bias, "zeros", crops=crops)

    def forward(self, input: Tensor) -> Tensor:  # torch's `output_size` has no say: the crops settle it
        require_dimensions(input, len(self.crops))
        raw = self._spread_taps(input)
        for axis in reversed(range(len(self.crops) - MOST_BY_TORCH)):
            raw = self._overlay_taps(raw, axis)
        return self.finish(raw)

    def _spread_taps(self, input: Tensor) -> Tensor:
        """[N, C, *places, *the last three] -> [N, out_channels, *places, *three, *taps of the leading axes]."""
        lead = len(self.crops) - MOST_BY_TORCH
        places = [input.shape[2 + axis] for axis in range(lead)]
        examples = input.movedim(1, 1 + lead).flatten(0, lead)
        weight = self.weight.flatten(1, 1 + lead)
        step, spacing = self.stride[lead:], self.dilation[lead:]
        made = F.conv_transpose3d(examples, weight, None, step, 0, 0, self.groups, spacing)
        parts = cast(Tensor, made.unflatten(1, [self.out_channels, *self.kernel_size[:lead]]))  # type: ignore[no-untyped-call]
        apart = cast(Tensor, parts.unflatten(0, [-1, *places]))  # type: ignore[no-untyped-call]
        channel, taps = 1 + lead, range(2 + lead, 2 + 2 * lead)
        return apart.permute(0, channel, *range(1, channel), *range(2 + 2 * lead, 5 + 2 * lead), *taps)

    def _overlay_taps(self, raw: Tensor, axis: int) -> Tensor:
        """Sum the last axis, the taps of `axis`, each tap shifted to where it stands: the axis grows, the taps go.

        The cells that follow behind `axis` are those of the other axes and of the taps of the axes before it.
        """
        size, step, spacing = self.kernel_size[axis], self.stride[axis], self.dilation[axis]
        behind = len(self.crops)  # the axes behind this one, and its taps: n - 1 - axis, axis, 1
        if step > 1:  # step - 1 zeros behind each cell
            gaps = F.pad(raw.unsqueeze(3 + axis), [0] * 2 * behind + [0, step - 1])
            raw = gaps.flatten(2 + axis, 3 + axis)
        idle = compute_span(size, spacing) - step  # the zeros behind the last cell are cut off
        shifts = ([tap * spacing, idle - tap * spacing] for tap in range(size))
        parts = [F.pad(raw.select(-1, tap), [0] * 2 * (behind - 1) + shift) for tap, shift in enumerate(shifts)]
        return reduce(torch.add, parts)
