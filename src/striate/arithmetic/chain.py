"""A chain of layers on one axis: its field as a whole, and exactly what one cell of it sees, borders included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from striate.arithmetic.extent import deconvolve_extent, pool_extent
from striate.arithmetic.field import Field, extend_field, extend_field_transposed, start_field
from striate.arithmetic.padding import compute_span
from striate.errors import InputError


@dataclass(frozen=True)
class Window:
    """One convolution, pool or transposed convolution, as one axis knows it.

    `before` and `after` are the cells padded, or cut where `transposed`; `after` is as `before` unless given.
    `ceil` is a pool's rounding.
    """

    size: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    transposed: bool = False
    after: int | None = None
    ceil: bool = False


def chain_fields(layers: Iterable[Window]) -> Field:
    """Give the field of the last of `layers`, the first being nearest to the input.

    Source: Araujo, Norris, Sim, Distill 2019, section "Single-path networks".

    >>> chain_fields([Window(3, before=1), Window(2, stride=2), Window(3, before=1)]).size
    8
    """
    field = start_field()
    for layer in layers:
        extend = extend_field_transposed if layer.transposed else extend_field
        field = extend(field, layer.size, layer.stride, layer.dilation, layer.before)
    return field


def chain_extents(layers: Iterable[Window], extent: int) -> list[int]:
    """Count the cells that enter each of `layers`, and last those that leave the chain.

    Raises: ShapeError where a layer doesn't fit.

    >>> chain_extents([Window(3, before=1), Window(2, stride=2)], extent=8)
    [8, 8, 4]
    """
    extents = [extent]
    for layer in layers:
        pair = (layer.before, layer.before if layer.after is None else layer.after)
        if layer.transposed:
            extent = deconvolve_extent(extent, layer.size, layer.stride, layer.dilation, pair)
        else:
            extent = pool_extent(extent, layer.size, layer.stride, layer.dilation, pair, layer.ceil)
        extents.append(extent)
    return extents


def locate_field(layers: Sequence[Window], cell: int, extent: int, clip: bool = True) -> range:
    """Give the input indices from the first to the last that output `cell` of the chain sees.

    Walked backward, layer by layer. With `clip`, padding is a dead end at every layer, so that the answer is what the
    gradient finds on an input of `extent` cells; without, the axes are endless. Empty if the cell sees nothing.

    Raises: InputError if the output has no such cell, ShapeError where a layer doesn't fit.

    >>> layers = [Window(3, before=1), Window(2, stride=2), Window(3, before=1)]
    >>> locate_field(layers, cell=0, extent=8), locate_field(layers, cell=0, extent=8, clip=False)
    (range(0, 5), range(-3, 5))
    """
    if not clip:
        return chain_fields(layers).locate(cell)
    extents = chain_extents(layers, extent)
    if not 0 <= cell < extents[-1]:
        raise InputError(f"cell {cell} is none of the {extents[-1]} output cells. Use 0 to {extents[-1] - 1}.")
    cells = {cell}
    for layer, below in zip(reversed(layers), reversed(extents[:-1]), strict=True):
        cells = {index for index in locate_inputs(layer, cells) if 0 <= index < below}
    return range(min(cells), max(cells) + 1) if cells else range(0)


def locate_inputs(layer: Window, cells: Iterable[int]) -> set[int]:
    """Give exactly the indices, padding included, that `cells` of one layer read.

    Source: Dumoulin & Visin 2016, arXiv:1603.07285, sec. 2 and 4.

    >>> sorted(locate_inputs(Window(3, dilation=2, before=2), [0]))
    [-2, 0, 2]
    >>> sorted(locate_inputs(Window(3, stride=2, before=1, transposed=True), [1]))
    [0, 1]
    """
    taps = range(0, compute_span(layer.size, layer.dilation), layer.dilation)
    if layer.transposed:
        reached = (divmod(cell + layer.before - tap, layer.stride) for cell in cells for tap in taps)
        return {quotient for quotient, rest in reached if rest == 0}
    return {cell * layer.stride - layer.before + tap for cell in cells for tap in taps}
