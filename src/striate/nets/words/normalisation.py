"""bn, gn, ln and lrn.

`bn` is batch normalisation (Ioffe and Szegedy 2015), `gn` group normalisation (Wu and He 2018; 32 groups unless said
otherwise), `ln` layer normalisation over the channels at each position (as ConvNeXt, Liu et al. 2022, uses it), `lrn`
local response normalisation over neighbouring channels (Krizhevsky, Sutskever and Hinton 2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.arithmetic import count_norm_parameters
from striate.errors import ShapeError
from striate.nets.words.word import (
    Plain,
    Shape,
    Word,
    find_single,
    keep_shape,
    read_number,
    read_share,
    read_whole,
    write_shape,
)

if TYPE_CHECKING:
    from torch import nn

_RESPONSE = {"alpha": 1e-4, "beta": 0.75, "k": 1.0}  # torch's defaults


def _make_batch_norm(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import make_batch_norm

    return make_batch_norm(
        len(shape) - 1, shape[0], eps=plain.options.get("eps", 1e-5), momentum=plain.options.get("momentum", 0.1)
    )


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


def _find_neighbours(plain: Plain) -> int:
    return find_single(plain) if plain.size else 5


def _check_neighbours(plain: Plain, shape: Shape) -> Shape:
    _find_neighbours(plain)
    return shape


def _make_response_norm(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import ResponseNorm

    alpha, beta, k = (plain.options.get(key, default) for key, default in _RESPONSE.items())
    return ResponseNorm(_find_neighbours(plain), alpha=alpha, beta=beta, k=k)


def _count_parameters(plain: Plain, shape: Shape) -> int:
    return count_norm_parameters(shape[0])


BN = Word(keep_shape, _make_batch_norm, _count_parameters, options={"eps": read_number, "momentum": read_share})
GN = Word(_check_groups, _make_group_norm, _count_parameters, options={"eps": read_number, "groups": read_whole})
LN = Word(keep_shape, _make_layer_norm, _count_parameters, options={"eps": read_number})
LRN = Word(_check_neighbours, _make_response_norm, size="optional", options=dict.fromkeys(_RESPONSE, read_number))
