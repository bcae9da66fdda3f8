"""embed: each cell's whole number becomes a vector along the channels (Bengio et al. 2003)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.errors import ShapeError
from striate.nets.words.word import Plain, Shape, Word, find_single, write_shape

if TYPE_CHECKING:
    from torch import nn


def _embed(plain: Plain, shape: Shape) -> Shape:
    find_single(plain)
    if shape[0] != 1:
        raise ShapeError(
            f"found {shape[0]} channels in {write_shape(shape)}, needed 1, of whole numbers. "
            "Put it first in the network"
        )
    return (_find_channels(plain), *shape[1:])


def _find_channels(plain: Plain) -> int:
    return plain.channels or 0


def _make_embedding(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import CellEmbedding

    return CellEmbedding(find_single(plain), _find_channels(plain))


def _count_parameters(plain: Plain, shape: Shape) -> int:
    return find_single(plain) * _find_channels(plain)


EMBED = Word(_embed, _make_embedding, _count_parameters, size="required", channels="required")
