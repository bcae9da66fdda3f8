"""Convolution with a padding of its own before and after each axis, which torch's layers can't express."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from striate.arithmetic import Pair, require_groups, require_padding
from striate.errors import InputError
from striate.layers.axes import Numbers, flatten_pairs, require_axes, spread_numbers, spread_pairs

MODES = ("zeros", "reflect", "replicate", "circular")


class _PaddedConv(_ConvNd):
    """What the three padded convolutions share; `pads` are the cells (before, after) of each axis, in axes' order."""

    convolve: ClassVar[Callable[..., Tensor]]
    pads: tuple[Pair, ...]

    def __init__(self, *args: Any, pads: Sequence[Pair], **options: Any) -> None:
        super().__init__(*args, **options)
        self.pads = spread_pairs(len(self.kernel_size), pads, "pads")

    def forward(self, input: Tensor) -> Tensor:
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        padded = F.pad(input, flatten_pairs(self.pads), mode=mode)
        return self.convolve(padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    def extra_repr(self) -> str:
        ordinary = super().extra_repr()  # type: ignore[no-untyped-call]
        return f"{ordinary}, pads={self.pads}"


class PaddedConv1d(_PaddedConv, nn.Conv1d):
    """`nn.Conv1d` with `pads=((before, after),)`; its own `padding` stays 0.

    Shape:  [N, C, L] -> [N, out_channels, convolve_extent(L, ..., pad=pads[0])].

    >>> PaddedConv1d(1, 1, 4, pads=((3, 0),))
    PaddedConv1d(1, 1, kernel_size=(4,), stride=(1,), pads=((3, 0),))
    """

    convolve = staticmethod(F.conv1d)


class PaddedConv2d(_PaddedConv, nn.Conv2d):
    """`nn.Conv2d` with `pads=((before, after), (before, after))` for height and width; its own `padding` stays 0."""

    convolve = staticmethod(F.conv2d)


class PaddedConv3d(_PaddedConv, nn.Conv3d):
    """`nn.Conv3d` with one (before, after) in `pads` for depth, height and width each; its own `padding` stays 0."""

    convolve = staticmethod(F.conv3d)


ORDINARY: tuple[type[nn.Module], ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
PADDED: tuple[type[nn.Module], ...] = (PaddedConv1d, PaddedConv2d, PaddedConv3d)


def make_convolution(
    axes: int,
    in_channels: int,
    out_channels: int,
    kernel_size: Numbers,
    stride: Numbers = 1,
    pads: Sequence[Pair] | None = None,
    dilation: Numbers = 1,
    groups: int = 1,
    bias: bool = True,
    padding_mode: str = "zeros",
) -> nn.Module:
    """Make an ordinary `nn.ConvNd` if every axis is padded alike on both sides, else a padded one.

    Raises: InputError for axes other than 1 to 3 or an unknown mode, ShapeError for a number out of range.

    >>> make_convolution(2, 1, 8, kernel_size=3, pads=[(1, 1), (1, 1)])
    Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    >>> make_convolution(2, 1, 8, kernel_size=4, pads=[(1, 2), (1, 2)])
    PaddedConv2d(1, 8, kernel_size=(4, 4), stride=(1, 1), pads=((1, 2), (1, 2)))
    """
    require_axes(axes)
    require_groups(in_channels, out_channels, groups)
    size, step, spacing = spread_numbers(axes, kernel_size=kernel_size, stride=stride, dilation=dilation)
    pairs = spread_pairs(axes, pads, "pads")
    for pair in pairs:
        require_padding(pair)
    if padding_mode not in MODES:
        raise InputError(f"padding mode '{padding_mode}' is unknown. Use one of {', '.join(MODES)}.")
    options: dict[str, Any] = {
        "stride": step,
        "dilation": spacing,
        "groups": groups,
        "bias": bias,
        "padding_mode": padding_mode,
    }
    if all(before == after for before, after in pairs):
        padding = tuple(before for before, _ in pairs)
        return ORDINARY[axes - 1](in_channels, out_channels, size, padding=padding, **options)
    return PADDED[axes - 1](in_channels, out_channels, size, pads=pairs, **options)
