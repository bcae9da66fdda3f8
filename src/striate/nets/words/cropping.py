"""crop: cells cut off at the ends of each axis, as the valid form of U-Net (Ronneberger et al. 2015) needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.arithmetic import Pair
from striate.errors import ShapeError
from striate.nets.words.word import Plain, Settled, Shape, Word, find_extents, spread, write_shape

if TYPE_CHECKING:
    from torch import nn


def _read_cells(values: Settled) -> Settled:
    """Cells cut at both ends, or before:after; one for all axes or one per axis."""
    for value in values:
        cells = value if isinstance(value, tuple) else (value,)
        if not all(isinstance(cell, int) and cell >= 0 for cell in cells):
            raise ValueError("a whole number from 0, before:after, or one of these per axis such as 1x0:2")
    return values


def _find_cells(plain: Plain, shape: Shape) -> tuple[Pair, ...]:
    """The cells that are cut before and after each axis: the size at either end, or `pad=`."""
    axes = len(find_extents(plain, shape))
    if bool(plain.size) == ("pad" in plain.options):
        found = "both a size and `pad=`" if plain.size else "neither a size nor `pad=`"
        raise ShapeError(f"found {found}, needed one of them. Write `crop4`, or `crop pad=0:1`")
    what = "size" if plain.size else "pad"
    cells = spread(plain.size or plain.options["pad"], axes, what)
    return tuple(pair if isinstance(pair, tuple) else (pair, pair) for pair in cells)


def _crop(plain: Plain, shape: Shape) -> Shape:
    cells = _find_cells(plain, shape)
    extents = tuple(extent - sum(pair) for extent, pair in zip(shape[1:], cells, strict=True))
    if min(extents) < 1:
        raise ShapeError(f"nothing of {write_shape(shape)} would be left. Cut less, or use a larger input")
    return (shape[0], *extents)


def _make_crop(plain: Plain, shape: Shape) -> nn.Module:
    from striate.layers import Crop

    return Crop(_find_cells(plain, shape))


CROP = Word(_crop, _make_crop, size="optional", options={"pad": _read_cells})
