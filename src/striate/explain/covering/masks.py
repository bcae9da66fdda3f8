"""Random soft masks: coarse cells shown or hidden by chance, blown up linearly, and shifted by chance.

All chance is drawn beforehand, from a seed alone, so that the masks are the same for every input, in whatever batches
they are made.

Source:  Petsiuk, Das, Saenko 2018, arXiv:1806.07421, sec. 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

SHOWN = 0.5
"""The chance of a coarse cell to be shown, and so what a mask is on average."""
CELLS = 64
"""How many coarse cells a mask has, over all axes."""
REPEATS = 32
"""How many masks there are for each coarse cell."""


@dataclass(frozen=True)
class Masks:
    """Masks over these extents.

    `nodes` says which nodes of a coarse grid are shown [count, *nodes]; they lie `pitch` cells apart along each axis.
    `shifts` says by how many cells each mask is shifted [count, axes].
    """

    extents: tuple[int, ...]
    pitch: tuple[int, ...]
    nodes: Tensor
    shifts: Tensor

    def __len__(self) -> int:
        """How many masks there are."""
        return len(self.nodes)

    def make(self, numbers: Tensor, dtype: torch.dtype) -> Tensor:
        """The masks of these numbers, [count, *extents], each cell between 0 and 1."""
        masks = self.nodes[numbers].to(dtype)
        for axis, (extent, pitch) in enumerate(zip(self.extents, self.pitch, strict=True)):
            masks = _stretch(masks, 1 + axis, self.shifts[numbers, axis], extent, pitch)
        return masks


def draw_masks(
    extents: Sequence[int], seed: int, count: int | None = None, device: str | torch.device = "cpu"
) -> Masks:
    """Draw masks of at most 64 coarse cells or so, 32 masks for each of them if no count is given.

    >>> masks = draw_masks([16, 16], seed=0)
    >>> len(masks), masks.make(torch.arange(2), torch.float32).shape
    (2048, torch.Size([2, 16, 16]))
    """
    chance = torch.Generator().manual_seed(seed)
    side = max(2, round(CELLS ** (1 / max(1, len(extents)))))
    pitch = tuple(max(1, math.ceil(extent / side)) for extent in extents)
    # one node more than cells between them, and one for the shift
    nodes = [math.ceil(extent / cells) + 2 for extent, cells in zip(extents, pitch, strict=True)]
    coarse = math.prod(math.ceil(extent / cells) for extent, cells in zip(extents, pitch, strict=True))
    drawn = REPEATS * coarse if count is None else count
    shown = torch.rand(drawn, *nodes, generator=chance) < SHOWN
    shifts = [torch.randint(cells, (drawn,), generator=chance) for cells in pitch]
    return Masks(tuple(extents), pitch, shown.to(device), torch.stack(shifts, 1).to(device))


def _stretch(masks: Tensor, axis: int, shifts: Tensor, extent: int, pitch: int) -> Tensor:
    """Blow one axis up: its nodes come to lie `pitch` cells apart, each mask's shifted by its own number of cells."""
    cells = torch.arange(extent, device=masks.device) + shifts[:, None]
    shape = [len(masks), *(extent if place == axis else 1 for place in range(1, masks.ndim))]
    full = [extent if place == axis else size for place, size in enumerate(masks.shape)]
    before = (cells // pitch).reshape(shape).expand(full)
    share = ((cells % pitch).to(masks.dtype) / pitch).reshape(shape)
    return torch.lerp(masks.gather(axis, before), masks.gather(axis, before + 1), share.expand(full))
