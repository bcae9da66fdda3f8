"""conv, depthwise and deconv, over any number of axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.arithmetic import (
    Pair,
    convolve_extent,
    count_convolution_parameters,
    deconvolve_extent,
    resolve_crop,
    resolve_padding,
)
from striate.errors import ShapeError
from striate.nets.words.word import (
    Plain,
    Shape,
    Word,
    find_extents,
    read_choice,
    read_padding,
    read_whole,
    read_wholes,
    read_yes,
    spread,
)

if TYPE_CHECKING:
    from torch import nn

_OPTIONS = {"pad": read_padding, "dilation": read_wholes, "groups": read_whole, "bias": read_yes}
_MODES = read_choice("zeros", "reflect", "replicate", "circular")


def find_window(plain: Plain, shape: Shape) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Size, stride and dilation, one entry per axis each."""
    axes = len(find_extents(plain, shape))
    dilation = plain.options.get("dilation", (1,))
    return (
        spread(plain.size, axes, "size"),
        spread(plain.stride or (1,), axes, "stride"),
        spread(dilation, axes, "dilation"),
    )


def _find_pads(plain: Plain, shape: Shape) -> tuple[Pair, ...]:
    sizes, _, dilations = find_window(plain, shape)
    pads = spread(plain.options.get("pad", ("same",)), len(sizes), "pad")
    return tuple(map(resolve_padding, pads, sizes, dilations))


def _find_crops(plain: Plain, shape: Shape) -> tuple[Pair, ...]:
    sizes, strides, dilations = find_window(plain, shape)
    pads = spread(plain.options.get("pad", ("same",)), len(sizes), "pad")
    return tuple(map(resolve_crop, pads, sizes, strides, dilations))


def _find_channels(plain: Plain, shape: Shape) -> tuple[int, int]:
    """Output channels and groups, which must divide the channels on both sides."""
    channels = plain.channels or shape[0]
    groups = shape[0] if plain.word == "depthwise" else plain.options.get("groups", 1)
    if shape[0] % groups or channels % groups:
        raise ShapeError(
            f"{groups} groups must divide the input's {shape[0]} channels and the output's {channels}. "
            f"Choose a number of channels that {groups} divides, or other groups"
        )
    return channels, groups


def _convolve(plain: Plain, shape: Shape) -> Shape:
    sizes, strides, dilations = find_window(plain, shape)
    pads = _find_pads(plain, shape)
    if (mode := plain.options.get("mode", "zeros")) in ("reflect", "circular"):
        _check_mode(mode, pads, shape)
    channels, _ = _find_channels(plain, shape)
    return (channels, *map(convolve_extent, shape[1:], sizes, strides, dilations, pads))


def _check_mode(mode: str, pads: tuple[Pair, ...], shape: Shape) -> None:
    """Reflection and wrapping take their values from the input, which must have as many."""
    for pad, extent in zip(pads, shape[1:], strict=True):
        most = extent - 1 if mode == "reflect" else extent
        if max(pad) > most:
            raise ShapeError(
                f"mode={mode} can pad an axis of {extent} cells by {most} at most, found {max(pad)}. Use mode=zeros"
            )


def _deconvolve(plain: Plain, shape: Shape) -> Shape:
    sizes, strides, dilations = find_window(plain, shape)
    channels, _ = _find_channels(plain, shape)
    return (channels, *map(deconvolve_extent, shape[1:], sizes, strides, dilations, _find_crops(plain, shape)))


def _count_parameters(plain: Plain, shape: Shape) -> int:
    channels, groups = _find_channels(plain, shape)
    sizes, _, _ = find_window(plain, shape)
    return count_convolution_parameters(shape[0], channels, sizes, groups=groups, bias=plain.bias)


def _make_convolution(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import make_convolution

    sizes, strides, dilations = find_window(plain, shape)
    channels, groups = _find_channels(plain, shape)
    pads, mode = _find_pads(plain, shape), plain.options.get("mode", "zeros")
    return make_convolution(len(sizes), shape[0], channels, sizes, strides, pads, dilations, groups, plain.bias, mode)


def _make_deconvolution(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import make_transposed

    sizes, strides, dilations = find_window(plain, shape)
    channels, groups = _find_channels(plain, shape)
    crops = _find_crops(plain, shape)
    return make_transposed(len(sizes), shape[0], channels, sizes, strides, crops, dilations, groups, plain.bias)


CONV = Word(
    _convolve,
    _make_convolution,
    _count_parameters,
    size="required",
    channels="required",
    stride="optional",
    options={**_OPTIONS, "mode": _MODES},
)
DEPTHWISE = Word(
    _convolve,
    _make_convolution,
    _count_parameters,
    size="required",
    channels="optional",
    stride="optional",
    options={"pad": read_padding, "dilation": read_wholes, "bias": read_yes, "mode": _MODES},
)
DECONV = Word(
    _deconvolve,
    _make_deconvolution,
    _count_parameters,
    size="required",
    channels="required",
    stride="optional",
    options=_OPTIONS,
)
