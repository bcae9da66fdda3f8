"""How many multiplies each layer of a text takes: the closed forms of `arithmetic`, no trace."""

from __future__ import annotations

from math import prod

from striate.arithmetic import (
    count_convolution_multiplies,
    count_linear_multiplies,
    count_table_multiplies,
    count_transposed_multiplies,
)
from striate.nets.vocabulary import BACKBONES
from striate.nets.words.convolution import find_channels, find_window
from striate.nets.words.table import find_table
from striate.nets.words.word import Plain, Shape


def count_multiplies(plain: Plain, shape: Shape, output: Shape) -> int | None:
    """Count the multiplies of one layer's forward pass; None where only a trace can tell, as of a backbone.

    Shape:   `shape` meets the layer, `output` leaves it, both without the batch.

    >>> count_multiplies(Plain("conv", (7,), 64, (2,)), (3, 224, 224), (64, 112, 112))
    118013952
    """
    if plain.word in BACKBONES:
        return None
    if plain.word == "fc":
        return count_linear_multiplies(prod(shape), output[0])
    if plain.word not in ("conv", "depthwise", "local", "deconv"):
        return 0
    channels, groups = find_channels(plain, shape)
    sizes, _, _ = find_window(plain, shape)
    if (table := find_table(plain, shape)) is not None:
        return count_table_multiplies(channels // len(table) * sum(map(len, table)), sizes, output[1:])
    if plain.word == "deconv":
        return count_transposed_multiplies(shape[0], channels, sizes, shape[1:], groups)
    return count_convolution_multiplies(shape[0], channels, sizes, output[1:], groups)
