"""Transposed convolution that cuts, or adds, its own number of cells before and after each axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvTransposeNd

from striate.arithmetic import Pair, require_groups
from striate.layers.axes import Numbers, flatten_pairs, require_axes, spread_numbers, spread_pairs


class _CroppedConvTranspose(_ConvTransposeNd):
    """What the three share; `crops` are the cells cut (before, after) from each axis, negative: zero cells added.

    As with torch's `output_padding`, added cells get the bias too.
    """

    convolve: ClassVar[Callable[..., Tensor]]
    crops: tuple[Pair, ...]

    def __init__(self, *args: Any, crops: Sequence[Pair], **options: Any) -> None:
        super().__init__(*args, **options)
        self.crops = spread_pairs(len(self.kernel_size), crops, "crops")

    def forward(self, input: Tensor) -> Tensor:  # torch's `output_size` has no say: the crops settle it
        raw = self.convolve(input, self.weight, None, self.stride, 0, 0, self.groups, self.dilation)
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


class CroppedConvTranspose1d(_CroppedConvTranspose, nn.ConvTranspose1d):  # type: ignore[misc]
    """`nn.ConvTranspose1d` with `crops=((before, after),)`; its own `padding` stays 0.

    Shape:  [N, C, L] -> [N, out_channels, deconvolve_extent(L, ..., crop=crops[0])].

    >>> CroppedConvTranspose1d(1, 1, 4, stride=2, crops=((0, 2),))
    CroppedConvTranspose1d(1, 1, kernel_size=(4,), stride=(2,), crops=((0, 2),))
    """

    convolve = staticmethod(F.conv_transpose1d)


class CroppedConvTranspose2d(_CroppedConvTranspose, nn.ConvTranspose2d):  # type: ignore[misc]
    """`nn.ConvTranspose2d` with `crops=((before, after), (before, after))` for height and width."""

    convolve = staticmethod(F.conv_transpose2d)


class CroppedConvTranspose3d(_CroppedConvTranspose, nn.ConvTranspose3d):  # type: ignore[misc]
    """`nn.ConvTranspose3d` with one (before, after) in `crops` for depth, height and width each."""

    convolve = staticmethod(F.conv_transpose3d)


ORDINARY: tuple[type[nn.Module], ...] = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
CROPPED: tuple[type[nn.Module], ...] = (CroppedConvTranspose1d, CroppedConvTranspose2d, CroppedConvTranspose3d)


def make_transposed(
    axes: int,
    in_channels: int,
    out_channels: int,
    kernel_size: Numbers,
    stride: Numbers = 1,
    crops: Sequence[Pair] | None = None,
    dilation: Numbers = 1,
    groups: int = 1,
    bias: bool = True,
) -> nn.Module:
    """Make an ordinary `nn.ConvTransposeNd` if padding and output_padding can express the crops, else a cropped one.

    torch cuts `padding` before and `padding - output_padding` after, with 0 <= output_padding < max(stride, dilation).

    Raises: InputError for axes other than 1 to 3, ShapeError for a number out of range.

    >>> make_transposed(2, 8, 1, kernel_size=4, stride=2, crops=[(1, 1), (1, 1)])
    ConvTranspose2d(8, 1, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
    >>> make_transposed(1, 8, 1, kernel_size=4, stride=2, crops=[(0, 2)])
    CroppedConvTranspose1d(8, 1, kernel_size=(4,), stride=(2,), crops=((0, 2),))
    """
    require_axes(axes)
    require_groups(in_channels, out_channels, groups)
    size, step, spacing = spread_numbers(axes, kernel_size=kernel_size, stride=stride, dilation=dilation)
    pairs = spread_pairs(axes, crops, "crops")
    options: dict[str, Any] = {"stride": step, "dilation": spacing, "groups": groups, "bias": bias}
    if all(_is_ordinary(*numbers) for numbers in zip(pairs, step, spacing, strict=True)):
        options["padding"] = tuple(before for before, _ in pairs)
        options["output_padding"] = tuple(before - after for before, after in pairs)
        return ORDINARY[axes - 1](in_channels, out_channels, size, **options)
    return CROPPED[axes - 1](in_channels, out_channels, size, crops=pairs, **options)


def _is_ordinary(crop: Pair, stride: int, dilation: int) -> bool:
    before, after = crop
    return before >= 0 and 0 <= before - after < max(stride, dilation)
