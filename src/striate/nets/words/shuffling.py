"""pixelshuffle and channelshuffle: the same values in other places.

`pixelshuffle` is Shi et al. 2016, over any axes; `channelshuffle` is Zhang et al. 2018 (ShuffleNet).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from striate.errors import ShapeError
from striate.nets.words.word import Plain, Shape, Word, find_extents, read_whole, spread, write_shape

if TYPE_CHECKING:
    from torch import nn


def _find_factors(plain: Plain, shape: Shape) -> tuple[int, ...]:
    return spread(plain.size, len(find_extents(plain, shape)), "size")


def _shuffle_pixels(plain: Plain, shape: Shape) -> Shape:
    factors = _find_factors(plain, shape)
    cells = math.prod(factors)
    if shape[0] % cells:
        raise ShapeError(
            f"a block of {write_shape(factors)} cells takes {cells} channels, which must divide the {shape[0]} of "
            f"{write_shape(shape)}. Choose a number of channels that {cells} divides"
        )
    return (shape[0] // cells, *(extent * factor for extent, factor in zip(shape[1:], factors, strict=True)))


def _make_pixel_shuffle(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import make_pixel_shuffle

    return make_pixel_shuffle(_find_factors(plain, shape))


def _shuffle_channels(plain: Plain, shape: Shape) -> Shape:
    find_extents(plain, shape)
    groups = plain.options.get("groups")
    if groups is None:
        raise ShapeError("found no number of groups, needed one. Write `channelshuffle groups=4`")
    if shape[0] % groups:
        raise ShapeError(
            f"{groups} groups must divide the {shape[0]} channels of {write_shape(shape)}. Choose other groups"
        )
    return shape


def _make_channel_shuffle(plain: Plain, shape: Shape) -> nn.Module:
    from torch import nn

    return nn.ChannelShuffle(plain.options["groups"])


PIXELSHUFFLE = Word(_shuffle_pixels, _make_pixel_shuffle, size="required")
CHANNELSHUFFLE = Word(_shuffle_channels, _make_channel_shuffle, options={"groups": read_whole})
