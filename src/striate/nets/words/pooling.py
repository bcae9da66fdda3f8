"""maxpool, avgpool, and the two global pools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from striate.arithmetic import Pair, compute_span, pool_extent, resolve_padding
from striate.errors import ShapeError
from striate.nets.words.word import Plain, Shape, Word, find_extents, read_padding, read_wholes, read_yes, spread

if TYPE_CHECKING:
    from torch import nn


def _find_window(
    plain: Plain, shape: Shape
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[Pair, ...]]:
    """Size, stride (the size where none is given), dilation and padding (none where none is given) per axis."""
    axes = len(find_extents(plain, shape))
    sizes = spread(plain.size, axes, "size")
    dilations = spread(plain.options.get("dilation", (1,)), axes, "dilation")
    pads = spread(plain.options.get("pad", (0,)), axes, "pad")
    pairs = tuple(map(resolve_padding, pads, sizes, dilations))
    for pair, size, dilation in zip(pairs, sizes, dilations, strict=True):
        if max(pair) >= compute_span(size, dilation):
            raise ShapeError(
                f"pad {max(pair)} would let a window of {size} lie wholly in the padding. Use less, or a larger size"
            )
    return sizes, spread(plain.stride, axes, "stride") if plain.stride else sizes, dilations, pairs


def _pool(plain: Plain, shape: Shape) -> Shape:
    if plain.undone and max(plain.options.get("dilation", (1,))) > 1:
        raise ShapeError("an `unpool` behind it undoes it, which a dilated pool can't have. Leave out `dilation`")
    ceil = plain.options.get("ceil", False)
    windows = zip(shape[1:], *_find_window(plain, shape), strict=True)
    return (shape[0], *(pool_extent(*window, ceil=ceil) for window in windows))


def _make_pool(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import RememberingMaxPool, make_pool

    sizes, strides, dilations, pads = _find_window(plain, shape)
    if plain.undone:
        return RememberingMaxPool(sizes, strides, pads, plain.options.get("ceil", False))
    kind: Literal["max", "average"] = "max" if plain.word == "maxpool" else "average"
    ceil, count = plain.options.get("ceil", False), plain.options.get("count", True)
    return make_pool(len(sizes), kind, sizes, strides, pads, dilations, ceil, count)


def _pool_globally(plain: Plain, shape: Shape) -> Shape:
    return (shape[0], *(1 for _ in find_extents(plain, shape)))


def _make_global_pool(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import make_global_pool

    return make_global_pool(len(find_extents(plain, shape)), "average" if plain.word == "gap" else "max")


_OPTIONS = {"pad": read_padding, "ceil": read_yes}
MAXPOOL = Word(_pool, _make_pool, size="required", stride="optional", options={**_OPTIONS, "dilation": read_wholes})
AVGPOOL = Word(_pool, _make_pool, size="required", stride="optional", options={**_OPTIONS, "count": read_yes})
GLOBAL = Word(_pool_globally, _make_global_pool)
