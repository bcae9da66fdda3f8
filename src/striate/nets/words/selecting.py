"""maxout and kmaxpool: the largest of a few channels, the largest cells of a series.

`maxout` is Goodfellow et al. 2013, `kmaxpool` Kalchbrenner, Grefenstette and Blunsom 2014.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.errors import ShapeError
from striate.nets.words.word import Plain, Shape, Word, find_extents, find_single, write_shape

if TYPE_CHECKING:
    from torch import nn


def _keep_largest_channels(plain: Plain, shape: Shape) -> Shape:
    pieces = find_single(plain)
    if shape[0] % pieces:
        raise ShapeError(
            f"{pieces} must divide the {shape[0]} channels of {write_shape(shape)}, of which the largest of every "
            f"{pieces} passes. Choose a number of channels that it divides"
        )
    return (shape[0] // pieces, *shape[1:])


def _make_maxout(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import Maxout

    return Maxout(find_single(plain))


def _keep_largest_cells(plain: Plain, shape: Shape) -> Shape:
    largest, (*others, last) = find_single(plain), find_extents(plain, shape)
    if last < largest:
        raise ShapeError(
            f"the last axis of {write_shape(shape)} has {last} cells, needed {largest} at least. "
            "Keep fewer, or use a longer input"
        )
    return (shape[0], *others, largest)


def _make_kmaxpool(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import KMaxPool

    return KMaxPool(find_single(plain))


MAXOUT = Word(_keep_largest_channels, _make_maxout, size="required")
KMAXPOOL = Word(_keep_largest_cells, _make_kmaxpool, size="required")
