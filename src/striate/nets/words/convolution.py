"""conv, depthwise and deconv, over any number of axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.arithmetic import (
    Pair,
    convolve_extent,
    count_cell_biases,
    count_convolution_parameters,
    count_table_parameters,
    deconvolve_extent,
    resolve_crop,
    resolve_padding,
)
from striate.errors import ShapeError
from striate.nets.words.table import find_table, has_cell_bias, read_bias, read_table
from striate.nets.words.word import (
    Plain,
    Shape,
    Word,
    find_extents,
    read_choice,
    read_padding,
    read_signed,
    read_whole,
    read_wholes,
    read_yes,
    spread,
)

if TYPE_CHECKING:
    from torch import nn

_OPTIONS = {"pad": read_padding, "dilation": read_wholes, "groups": read_whole, "bias": read_yes}
_FILLING = {"mode": read_choice("zeros", "reflect", "replicate", "circular"), "fill": read_signed}


def find_window(plain: Plain, shape: Shape) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Size, stride and dilation, one entry per axis each."""
    axes = len(find_extents(plain, shape))
    dilation = plain.options.get("dilation", (1,))
    return (
        spread(plain.size, axes, "size"),
        spread(plain.stride or (1,), axes, "stride"),
        spread(dilation, axes, "dilation"),
    )


def find_pads(plain: Plain, shape: Shape) -> tuple[Pair, ...]:
    """The cells of padding (before, after) of each axis."""
    sizes, _, dilations = find_window(plain, shape)
    pads = spread(plain.options.get("pad", ("same",)), len(sizes), "pad")
    return tuple(map(resolve_padding, pads, sizes, dilations))


def _find_crops(plain: Plain, shape: Shape) -> tuple[Pair, ...]:
    sizes, strides, dilations = find_window(plain, shape)
    pads = spread(plain.options.get("pad", ("same",)), len(sizes), "pad")
    return tuple(map(resolve_crop, pads, sizes, strides, dilations))


def find_channels(plain: Plain, shape: Shape) -> tuple[int, int]:
    """Output channels and groups, which must divide the channels on both sides."""
    channels = plain.channels or shape[0]
    groups = shape[0] if plain.word == "depthwise" else plain.options.get("groups", 1)
    if shape[0] % groups or channels % groups:
        raise ShapeError(
            f"{groups} groups must divide the input's {shape[0]} channels and the output's {channels}. "
            f"Choose a number of channels that {groups} divides, or other groups"
        )
    return channels, groups


def convolve(plain: Plain, shape: Shape) -> Shape:
    """The shape that leaves a convolution."""
    sizes, strides, dilations = find_window(plain, shape)
    pads = find_pads(plain, shape)
    _check_filling(plain, pads, shape)
    channels, _ = find_channels(plain, shape)
    return (channels, *map(convolve_extent, shape[1:], sizes, strides, dilations, pads))


def _check_filling(plain: Plain, pads: tuple[Pair, ...], shape: Shape) -> None:
    """Reflection and wrapping take their values from the input, which must have as many."""
    mode = plain.options.get("mode", "zeros")
    if mode != "zeros" and "fill" in plain.options:
        raise ShapeError(f"found fill= beside mode={mode}, which fills from the input. Leave out one of them")
    if mode not in ("reflect", "circular"):
        return
    for pad, extent in zip(pads, shape[1:], strict=True):
        most = extent - 1 if mode == "reflect" else extent
        if max(pad) > most:
            raise ShapeError(
                f"mode={mode} can pad an axis of {extent} cells by {most} at most, found {max(pad)}. Use mode=zeros"
            )


def _deconvolve(plain: Plain, shape: Shape) -> Shape:
    sizes, strides, dilations = find_window(plain, shape)
    channels, _ = find_channels(plain, shape)
    return (channels, *map(deconvolve_extent, shape[1:], sizes, strides, dilations, _find_crops(plain, shape)))


def _count_parameters(plain: Plain, shape: Shape) -> int:
    channels, groups = find_channels(plain, shape)
    sizes, _, _ = find_window(plain, shape)
    bias = plain.bias and not has_cell_bias(plain)
    cells = count_cell_biases(channels, convolve(plain, shape)[1:]) if has_cell_bias(plain) else 0
    if (table := find_table(plain, shape)) is not None:
        connections = channels // len(table) * sum(map(len, table))
        return count_table_parameters(connections, channels, sizes, bias) + cells
    return count_convolution_parameters(shape[0], channels, sizes, groups, bias) + cells


def _make_convolution(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import TableConv, add_cell_bias, make_convolution

    sizes, strides, dilations = find_window(plain, shape)
    channels, groups = find_channels(plain, shape)
    pads, mode, fill = find_pads(plain, shape), plain.options.get("mode", "zeros"), plain.options.get("fill", 0.0)
    bias = plain.bias and not has_cell_bias(plain)
    made: nn.Module
    if (table := find_table(plain, shape)) is not None:
        made = TableConv(shape[0], channels, table, sizes, strides, pads, dilations, bias, mode, fill)
    else:
        numbers = (sizes, strides, pads, dilations, groups)
        made = make_convolution(len(sizes), shape[0], channels, *numbers, bias, mode, fill)
    return add_cell_bias(made, channels, convolve(plain, shape)[1:]) if has_cell_bias(plain) else made


def _make_deconvolution(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import make_transposed

    sizes, strides, dilations = find_window(plain, shape)
    channels, groups = find_channels(plain, shape)
    crops = _find_crops(plain, shape)
    return make_transposed(len(sizes), shape[0], channels, sizes, strides, crops, dilations, groups, plain.bias)


CONV = Word(
    convolve,
    _make_convolution,
    _count_parameters,
    size="required",
    channels="required",
    stride="optional",
    options={**_OPTIONS, **_FILLING, "bias": read_bias, "table": read_table},
)
DEPTHWISE = Word(
    convolve,
    _make_convolution,
    _count_parameters,
    size="required",
    channels="optional",
    stride="optional",
    options={"pad": read_padding, "dilation": read_wholes, "bias": read_bias, **_FILLING},
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
