"""local: a convolution whose weights are not shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.arithmetic import count_unshared_parameters
from striate.nets.words.convolution import convolve, find_channels, find_pads, find_window
from striate.nets.words.word import Plain, Shape, Word, read_padding, read_whole, read_wholes, read_yes

if TYPE_CHECKING:
    from torch import nn


def _count_parameters(plain: Plain, shape: Shape) -> int:
    channels, groups = find_channels(plain, shape)
    sizes, _, _ = find_window(plain, shape)
    _, *extents = convolve(plain, shape)
    return count_unshared_parameters(shape[0], channels, sizes, extents, groups, plain.bias)


def _make_local(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import LocalConv

    sizes, strides, dilations = find_window(plain, shape)
    channels, groups = find_channels(plain, shape)
    pads = find_pads(plain, shape)
    return LocalConv(shape[0], channels, shape[1:], sizes, strides, pads, dilations, groups, plain.bias)


LOCAL = Word(
    convolve,
    _make_local,
    _count_parameters,
    size="required",
    channels="required",
    stride="optional",
    options={"pad": read_padding, "dilation": read_wholes, "groups": read_whole, "bias": read_yes},
)
