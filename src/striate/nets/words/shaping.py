"""flatten, upsample and dropout: no parameters, and nothing is multiplied."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from striate.nets.words.word import Plain, Shape, Word, find_extents, keep_shape, read_choice, read_share, spread

if TYPE_CHECKING:
    from torch import nn


def _flatten(plain: Plain, shape: Shape) -> Shape:
    return (math.prod(shape),)


def _make_flatten(plain: Plain, shape: Shape) -> nn.Module:
    from torch import nn

    return nn.Flatten(1)


def _upsample(plain: Plain, shape: Shape) -> Shape:
    factors = spread(plain.size, len(find_extents(plain, shape)), "size")
    return (shape[0], *(extent * factor for extent, factor in zip(shape[1:], factors, strict=True)))


def _make_upsample(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import make_upsample

    axes = len(shape) - 1
    return make_upsample(axes, spread(plain.size, axes, "size"), plain.options.get("mode", "nearest"))


def _make_dropout(plain: Plain, shape: Shape) -> nn.Module:
    from torch import nn

    return nn.Dropout(plain.options.get("p", 0.5))


FLATTEN = Word(_flatten, _make_flatten)
UPSAMPLE = Word(_upsample, _make_upsample, size="required", options={"mode": read_choice("nearest", "linear")})
DROPOUT = Word(keep_shape, _make_dropout, options={"p": read_share})
