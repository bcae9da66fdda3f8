"""bn, gn and ln.

`bn` is batch normalisation (Ioffe and Szegedy 2015), `gn` group normalisation (Wu and He 2018; 32 groups unless said
otherwise), `ln` layer normalisation over the channels at each position (as ConvNeXt, Liu et al. 2022, uses it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.arithmetic import count_norm_parameters
from striate.errors import ShapeError
from striate.nets.words.word import Plain, Shape, Word, keep_shape, read_number, read_share, read_whole, write_shape

if TYPE_CHECKING:
    from torch import nn


def _make_batch_norm(plain: Plain, shape: Shape) -> nn.Module:
    from torch import nn

    axes = max(1, len(shape) - 1)
    make = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[axes - 1]
    return make(shape[0], eps=plain.options.get("eps", 1e-5), momentum=plain.options.get("momentum", 0.1))


def _find_groups(plain: Plain, shape: Shape) -> int:
    groups = int(plain.options.get("groups", 32))
    if shape[0] % groups:
        raise ShapeError(
            f"{groups} groups must divide the {shape[0]} channels of {write_shape(shape)}. Give `gn groups=`"
        )
    return groups


def _check_groups(plain: Plain, shape: Shape) -> Shape:
    _find_groups(plain, shape)
    return shape


def _make_group_norm(plain: Plain, shape: Shape) -> nn.Module:
    from torch import nn

    return nn.GroupNorm(_find_groups(plain, shape), shape[0], eps=plain.options.get("eps", 1e-5))


def _make_layer_norm(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import ChannelNorm

    return ChannelNorm(shape[0], eps=plain.options.get("eps", 1e-6))


def _count_parameters(plain: Plain, shape: Shape) -> int:
    return count_norm_parameters(shape[0])


BN = Word(keep_shape, _make_batch_norm, _count_parameters, options={"eps": read_number, "momentum": read_share})
GN = Word(_check_groups, _make_group_norm, _count_parameters, options={"eps": read_number, "groups": read_whole})
LN = Word(keep_shape, _make_layer_norm, _count_parameters, options={"eps": read_number})
