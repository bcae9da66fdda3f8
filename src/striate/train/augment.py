"""Augmentation of whole batches: each sample shifted, mirrored, turned, scaled or covered by its own random numbers.

The random numbers of an epoch are one table, a row per sample, so a sample's fate doesn't depend on the batch it comes
in. Shift and mirror are one gather of bytes, before the batch is made into floats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.train.randomness import make_generator
from striate.train.recipe import Augment, Recipe

# The columns of the table; then one per axis for the shift, and one per axis for the middle of the cutout.
_FLIP, _ROTATE, _SCALE, _AXES = 0, 1, 2, 3


def draw(recipe: Recipe, epoch: int, count: int, axes: int = 2) -> Tensor:
    """The random numbers from 0 to 1 of an epoch: a row per sample, the same whatever else is drawn.

    With `alternate`, a sample's number for the mirror is that of epoch 0, on the other side of a half in odd epochs.

    Shape: [count, 3 + 2 * axes], where `axes` are the inputs' spatial axes.

    >>> recipe = Recipe(epochs=2, mean=(0.5,), std=(0.25,))
    >>> torch.equal(draw(recipe, epoch=1, count=5), draw(recipe, epoch=1, count=9)[:5])
    True
    """
    columns = _AXES + 2 * axes
    table = torch.rand(count, columns, generator=make_generator("augment", recipe.seed, epoch))
    if recipe.augment.alternate and epoch:
        first = torch.rand(count, columns, generator=make_generator("augment", recipe.seed, 0))[:, _FLIP]
        table[:, _FLIP] = first if epoch % 2 == 0 else (first + 0.5) % 1
    return table


def augment(batch: Tensor, draws: Tensor, augment: Augment, fill: Sequence[float] = (0.0,)) -> Tensor:
    """Change each sample by its row of `draws`; `fill` is the colour of the cutout (0 to 1, one or one per channel).

    The result has the batch's type, and is the batch itself where nothing is asked. A shift is cut to what an axis can
    mirror (its extent less one); turning and scaling are for 2-D inputs and leave others as they are.

    Shape: [count, channels, *extents] stays.

    >>> batch = torch.tensor([[[1, 2, 3]]], dtype=torch.uint8)
    >>> augment(batch, torch.zeros(1, 5), Augment(flip=True))
    tensor([[[3, 2, 1]]], dtype=torch.uint8)
    """
    draws = draws.to(batch.device)
    if augment.shift or augment.flip:
        batch = _move(batch, draws, augment)
    if (augment.rotate or augment.scale) and batch.ndim == 4:
        batch = _turn(batch, draws, augment)
    if augment.cutout:
        batch = _cover(batch, draws, augment, fill)
    return batch


def move_masks(masks: Tensor, draws: Tensor, augment: Augment) -> Tensor:
    """Change masks, a whole number for each cell, as `augment` changes their pictures: a turned cell takes the nearest.

    The cutout hides a part of the picture, not what is there. Shape: [count, *extents] stays.

    >>> move_masks(torch.tensor([[1, 2, 3]], dtype=torch.uint8), torch.zeros(1, 5), Augment(flip=True, cutout=1))
    tensor([[3, 2, 1]], dtype=torch.uint8)
    """
    batch, draws = masks[:, None], draws.to(masks.device)
    if augment.shift or augment.flip:
        batch = _move(batch, draws, augment)
    if (augment.rotate or augment.scale) and batch.ndim == 4:
        batch = _turn(batch, draws, augment, "nearest")
    return batch[:, 0]


def _move(batch: Tensor, draws: Tensor, augment: Augment) -> Tensor:
    """Gather every cell from where shift and mirror put it: one index per sample and cell, shared by the channels."""
    count, channels, *extents = batch.shape
    index = torch.zeros(count, *[1] * len(extents), dtype=torch.int64, device=batch.device)
    for axis, extent in enumerate(extents):
        source = _find_sources(extent, draws[:, _AXES + axis], augment.shift if axis >= augment.still else 0)
        if augment.flip and axis == len(extents) - 1:
            source = torch.where(draws[:, _FLIP, None] < 0.5, source.flip(1), source)
        shape = [count] + [extent if other == axis else 1 for other in range(len(extents))]
        index = index * extent + source.view(shape)
    flat = index.view(count, 1, -1).expand(count, channels, -1)
    return batch.reshape(count, channels, -1).gather(2, flat).view(batch.shape)


def _find_sources(extent: int, numbers: Tensor, shift: int) -> Tensor:
    """For each sample and cell of an axis, the cell that moves there; past an edge the axis is mirrored at its last."""
    most = min(shift, extent - 1)
    offsets = (numbers * (2 * most + 1)).long() - most
    places = (torch.arange(extent, device=numbers.device) + offsets[:, None]).abs()
    return torch.where(places >= extent, 2 * (extent - 1) - places, places)


def _turn(batch: Tensor, draws: Tensor, augment: Augment, mode: str = "bilinear") -> Tensor:
    height, width = batch.shape[2:]
    angle = (2 * draws[:, _ROTATE] - 1) * math.radians(augment.rotate)
    size = 1 + (2 * draws[:, _SCALE] - 1) * augment.scale
    cos, sin, none = angle.cos() / size, angle.sin() / size, torch.zeros_like(angle)
    # affine_grid counts each axis from -1 to 1, so an oblong image needs its aspect taken out of the turn.
    rows = ((cos, -sin * height / width, none), (sin * width / height, cos, none))
    matrix = torch.stack([torch.stack(row, 1) for row in rows], 1)
    grid = F.affine_grid(matrix, list(batch.shape), align_corners=False)
    turned = F.grid_sample(batch.float(), grid, mode=mode, padding_mode="reflection", align_corners=False)
    return turned if batch.is_floating_point() else turned.round_().clamp_(0, 255).to(batch.dtype)


def _cover(batch: Tensor, draws: Tensor, augment: Augment, fill: Sequence[float]) -> Tensor:
    count, _, *extents = batch.shape
    covered = torch.ones(count, *[1] * (len(extents) + 1), dtype=torch.bool, device=batch.device)
    for axis, extent in enumerate(extents):
        first = (draws[:, _AXES + len(extents) + axis] * extent).long() - augment.cutout // 2
        distance = torch.arange(extent, device=batch.device) - first[:, None]
        inside = (distance >= 0) & (distance < augment.cutout)
        covered = covered & inside.view([count, 1] + [extent if other == axis else 1 for other in range(len(extents))])
    colour = torch.tensor(fill, device=batch.device) * (1 if batch.is_floating_point() else 255)
    return torch.where(covered, _round_to(batch, colour).view(-1, *[1] * len(extents)), batch)


def _round_to(batch: Tensor, colour: Tensor) -> Tensor:
    return colour.to(batch.dtype) if batch.is_floating_point() else colour.round().clamp(0, 255).to(batch.dtype)
