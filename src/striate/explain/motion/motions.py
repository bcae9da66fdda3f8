"""Shifts, rotations, flips and scalings over any axes, and what they make of an input or of a layer's maps.

A motion is told in the input's cells. A layer's maps stand on a coarser grid over the same input, so that one motion
carries both: by whole cells where it comes out whole, else by linear interpolation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

NEAR = 1e-9  # nearer than this to a whole cell is the cell


@dataclass(frozen=True)
class Motion:
    """What comes to cell p stood at `matrix` p + `offset`; `wraps`: what leaves at one end comes in at the other."""

    matrix: Tensor
    offset: Tensor
    wraps: bool = False


@dataclass(frozen=True)
class Grid:
    """Where the cells of a map stand over the input: cell j of an axis at `first` + `step` * j."""

    first: tuple[float, ...]
    step: tuple[float, ...]


def shift(extents: tuple[int, ...], axis: int, cells: float, wraps: bool = False) -> Motion:
    """Move by so many cells along an axis."""
    offset = torch.zeros(len(extents), dtype=torch.float64)
    offset[axis] = -cells
    return Motion(torch.eye(len(extents), dtype=torch.float64), offset, wraps)


def flip(extents: tuple[int, ...], axis: int) -> Motion:
    """Mirror along an axis."""
    matrix = torch.eye(len(extents), dtype=torch.float64)
    matrix[axis, axis] = -1
    return _about_middle(extents, matrix)


def rescale(extents: tuple[int, ...], factor: float) -> Motion:
    """Enlarge about the middle: by 2, everything is twice as large."""
    return _about_middle(extents, torch.eye(len(extents), dtype=torch.float64) / factor)


def rotate(extents: tuple[int, ...], plane: tuple[int, int], degrees: float) -> Motion:
    """Turn about the middle in a plane, from its first axis to its second one."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = torch.eye(len(extents), dtype=torch.float64)
    one, other = plane
    matrix[one, one] = matrix[other, other] = cosine
    matrix[one, other], matrix[other, one] = sine, -sine
    return _about_middle(extents, matrix)


def _about_middle(extents: tuple[int, ...], matrix: Tensor) -> Motion:
    middle = (torch.tensor(extents, dtype=torch.float64) - 1) / 2
    return Motion(matrix, middle - matrix @ middle)


def carry(values: Tensor, motion: Motion, grid: Grid | None = None) -> tuple[Tensor, Tensor]:
    """Move maps; give them, 0 where nothing came from, and which cells came from within the map.

    Without a `grid` the cells are the input's own. Maps wrap only where they tile the input evenly.

    Shape:   [N, C, *extents] -> the same, and [*extents].

    >>> moved, seen = carry(torch.tensor([[[1., 2., 3.]]]), shift((3,), 0, 1))
    >>> moved.tolist(), seen.tolist()
    ([[[0.0, 1.0, 2.0]]], [False, True, True])
    """
    extents = tuple(values.shape[2:])
    first, step = torch.zeros(len(extents), dtype=torch.float64), torch.ones(len(extents), dtype=torch.float64)
    if grid is not None:
        first, step = torch.tensor(grid.first, dtype=torch.float64), torch.tensor(grid.step, dtype=torch.float64)
    matrix = motion.matrix * step / step[:, None]
    offset = (motion.matrix @ first + motion.offset - first) / step
    if torch.equal(matrix, torch.diag(matrix.diagonal())):
        return _carry_along_axes(values, matrix.diagonal(), offset, motion.wraps)
    cells = torch.meshgrid(*(torch.arange(extent, dtype=torch.float64) for extent in extents), indexing="ij")
    places = torch.einsum("ij,j...->i...", matrix, torch.stack(cells))
    return _gather(values, places + offset.reshape(-1, *[1] * len(extents)))


def _carry_along_axes(values: Tensor, scale: Tensor, offset: Tensor, wraps: bool) -> tuple[Tensor, Tensor]:
    """One axis after the other, which is cheaper where axes don't mix."""
    extents = tuple(values.shape[2:])
    seen = torch.ones(extents, dtype=torch.bool)
    for axis, extent in enumerate(extents):
        places = scale[axis] * torch.arange(extent, dtype=torch.float64) + offset[axis]
        low, share = _split(places)
        within = torch.ones(extent, dtype=torch.bool) if wraps else _is_within(places, extent)
        shape = [1 if other != axis else -1 for other in range(len(extents))]
        seen = seen & within.reshape(shape)
        moved = _take(values, low, axis, wraps)
        if bool((share > 0).any()):
            part = share.to(values).reshape(shape)
            moved = moved * (1 - part) + _take(values, low + 1, axis, wraps) * part
        values = moved
    return values * seen.to(values.device), seen


def _take(values: Tensor, places: Tensor, axis: int, wraps: bool) -> Tensor:
    extent = values.shape[2 + axis]
    places = places % extent if wraps else places.clamp(0, extent - 1)
    return values.index_select(2 + axis, places.to(values.device))


def _gather(values: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """Interpolate between the corners around each place; `places` are [axes, *extents]."""
    extents = values.shape[2:]
    seen = torch.ones(tuple(extents), dtype=torch.bool)
    for axis, extent in enumerate(extents):
        seen = seen & _is_within(places[axis], extent)
    low, share = _split(places)
    flat, moved = values.flatten(2), torch.zeros_like(values.flatten(2))
    for corner in product((0, 1), repeat=len(extents)):
        weight, index = torch.ones(tuple(extents), dtype=torch.float64), torch.zeros(tuple(extents), dtype=torch.int64)
        for axis, (side, extent) in enumerate(zip(corner, extents, strict=True)):
            weight = weight * (share[axis] if side else 1 - share[axis])
            index = index * extent + (low[axis] + side).clamp(0, extent - 1)
        if bool((weight > 0).any()):
            moved += flat.index_select(2, index.flatten().to(values.device)) * weight.flatten().to(values)
    return moved.reshape(values.shape) * seen.to(values.device), seen


def _split(places: Tensor) -> tuple[Tensor, Tensor]:
    """The cell at or before a place, and the share of the next one."""
    near = places.round()
    places = torch.where((places - near).abs() < NEAR, near, places)
    low = places.floor()
    return low.to(torch.int64), places - low


def _is_within(places: Tensor, extent: int) -> Tensor:
    return (places > -NEAR) & (places < extent - 1 + NEAR)
