"""Transposed convolution that cuts, or adds, its own number of cells before and after each axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvTransposeNd

from striate.arithmetic import Pair
from striate.layers.axes import flatten_pairs, spread_pairs


class CroppedConvTranspose(_ConvTransposeNd):
    """What all of them share; `crops` are the cells cut (before, after) from each axis, negative: zero cells added.

    As with torch's `output_padding`, added cells get the bias too.
    """

    convolve: ClassVar[Callable[..., Tensor]]
    crops: tuple[Pair, ...]

    def __init__(self, *args: Any, crops: Sequence[Pair], **options: Any) -> None:
        super().__init__(*args, **options)
        self.crops = spread_pairs(len(self.kernel_size), crops, "crops")

    def forward(self, input: Tensor) -> Tensor:  # torch's `output_size` has no say: the crops settle it
        raw = self.convolve(input, self.weight, None, self.stride, 0, 0, self.groups, self.dilation)
        return self.finish(raw)

    def finish(self, raw: Tensor) -> Tensor:
        """Cut the raw output, then add the bias."""
        output = self._crop(raw)
        if self.bias is None:
            return output
        return output + self.bias.to(output.dtype).reshape(-1, *[1] * len(self.crops))

    def _crop(self, raw: Tensor) -> Tensor:
        added = [max(-cut, 0) for cut in flatten_pairs(self.crops)]
        output = F.pad(raw, added) if any(added) else raw
        for axis, (before, after) in enumerate(self.crops, start=-len(self.crops)):
            first, last = max(before, 0), max(after, 0)
            output = output.narrow(axis, first, output.shape[axis] - first - last)
        return output

    def extra_repr(self) -> str:
        ordinary = super().extra_repr()  # type: ignore[no-untyped-call]
        return f"{ordinary}, crops={self.crops}"


class CroppedConvTranspose1d(CroppedConvTranspose, nn.ConvTranspose1d):  # type: ignore[misc]
    """`nn.ConvTranspose1d` with `crops=((before, after),)`; its own `padding` stays 0.

    Shape:  [N, C, L] -> [N, out_channels, deconvolve_extent(L, ..., crop=crops[0])].

    >>> CroppedConvTranspose1d(1, 1, 4, stride=2, crops=((0, 2),))
    CroppedConvTranspose1d(1, 1, kernel_size=(4,), stride=(2,), crops=((0, 2),))
    """

    convolve = staticmethod(F.conv_transpose1d)


class CroppedConvTranspose2d(CroppedConvTranspose, nn.ConvTranspose2d):  # type: ignore[misc]
    """`nn.ConvTranspose2d` with `crops=((before, after), (before, after))` for height and width."""

    convolve = staticmethod(F.conv_transpose2d)


class CroppedConvTranspose3d(CroppedConvTranspose, nn.ConvTranspose3d):  # type: ignore[misc]
    """`nn.ConvTranspose3d` with one (before, after) in `crops` for depth, height and width each."""

    convolve = staticmethod(F.conv_transpose3d)
