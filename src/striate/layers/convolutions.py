"""Which module a convolution is: torch's own wherever it can express it, else one of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from striate.arithmetic import Pair, require_groups, require_padding
from striate.errors import InputError
from striate.layers.axes import MOST_BY_TORCH, Numbers, require_axes, spread_numbers, spread_pairs
from striate.layers.padded import PaddedConv1d, PaddedConv2d, PaddedConv3d
from striate.layers.padded_nd import PaddedConvNd
from striate.layers.transposed import CroppedConvTranspose1d, CroppedConvTranspose2d, CroppedConvTranspose3d
from striate.layers.transposed_nd import CroppedConvTransposeNd

Classes = tuple[type[nn.Module], ...]
MODES = ("zeros", "reflect", "replicate", "circular")
ORDINARY: Classes = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
PADDED: Classes = (PaddedConv1d, PaddedConv2d, PaddedConv3d)
ORDINARY_TRANSPOSED: Classes = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
CROPPED: Classes = (CroppedConvTranspose1d, CroppedConvTranspose2d, CroppedConvTranspose3d)


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
    fill: float = 0.0,
) -> nn.Module:
    """Make an ordinary `nn.ConvNd` if it has up to three axes, each padded alike on both sides, else a padded one.

    `fill` is what the padding holds with `padding_mode="zeros"`; where it isn't 0, the convolution is a padded one.

    Raises: InputError for no axes, an unknown mode or a fill beside another mode, ShapeError for a number out of range.

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
    _require_mode(padding_mode, fill)
    options: dict[str, Any] = {
        "stride": step,
        "dilation": spacing,
        "groups": groups,
        "bias": bias,
        "padding_mode": padding_mode,
    }
    if axes > MOST_BY_TORCH:
        return PaddedConvNd(in_channels, out_channels, size, pads=pairs, fill=fill, **options)
    if all(before == after for before, after in pairs) and not (fill and any(map(any, pairs))):
        padding = tuple(before for before, _ in pairs)
        return ORDINARY[axes - 1](in_channels, out_channels, size, padding=padding, **options)
    return PADDED[axes - 1](in_channels, out_channels, size, pads=pairs, fill=fill, **options)


def _require_mode(mode: str, fill: float) -> None:
    if mode not in MODES:
        raise InputError(f"padding mode '{mode}' is unknown. Use one of {', '.join(MODES)}.")
    if fill and mode != "zeros":
        raise InputError(f"fill is {fill}, but padding mode '{mode}' takes its values from the input. Use zeros.")


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

    torch has up to three axes, and cuts `padding` before and `padding - output_padding` after, with 0 <=
    output_padding < max(stride, dilation).

    Raises: InputError for no axes, ShapeError for a number out of range.

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
    if axes > MOST_BY_TORCH:
        return CroppedConvTransposeNd(in_channels, out_channels, size, crops=pairs, **options)
    if all(_is_ordinary(*numbers) for numbers in zip(pairs, step, spacing, strict=True)):
        options["padding"] = tuple(before for before, _ in pairs)
        options["output_padding"] = tuple(before - after for before, after in pairs)
        return ORDINARY_TRANSPOSED[axes - 1](in_channels, out_channels, size, **options)
    return CROPPED[axes - 1](in_channels, out_channels, size, crops=pairs, **options)


def _is_ordinary(crop: Pair, stride: int, dilation: int) -> bool:
    before, after = crop
    return before >= 0 and 0 <= before - after < max(stride, dilation)
