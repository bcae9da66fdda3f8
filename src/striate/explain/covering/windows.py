"""Windows slid over an input, which cells each of them hides, and what a cell is due from the windows over it.

Windows start before the first cell and end after the last, so that a cell at the rim lies under as many of them as one
in the middle. A window is a box: which cells it hides is settled axis by axis, and no work is done window by window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from striate.errors import InputError


@dataclass(frozen=True)
class Windows:
    """All windows of one size over these extents; the last axis counts fastest.

    `covers` has for each axis which cells each start reaches, [starts, extent].
    """

    extents: tuple[int, ...]
    covers: tuple[Tensor, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """How many starts there are along each axis."""
        return tuple(len(cover) for cover in self.covers)

    @property
    def total(self) -> int:
        """How many windows there are."""
        return math.prod(self.counts)

    def hide(self, inputs: Tensor, windows: Tensor) -> Tensor:
        """Copies of one input [1, channels, *extents], in each of which one window's cells are 0."""
        return inputs.masked_fill(self.select(windows).unsqueeze(1), 0)

    def select(self, windows: Tensor) -> Tensor:
        """Which cells the windows of these numbers hide, [count, *extents]."""
        boxes = torch.ones((len(windows), *[1] * len(self.extents)), dtype=torch.bool, device=windows.device)
        starts = torch.unravel_index(windows, self.counts)
        for axis, (cover, start) in enumerate(zip(self.covers, starts, strict=True)):
            shape = [-1 if place == axis else 1 for place in range(len(self.extents))]
            boxes = torch.logical_and(boxes, cover[start].reshape(len(windows), *shape))
        return boxes

    def average(self, drops: Tensor) -> Tensor:
        """Of each cell the mean over the windows that hide it: [batch, windows] -> [batch, *extents]."""
        grid = drops.reshape(-1, *self.counts)
        for axis, cover in enumerate(self.covers, start=1):
            weights = cover.to(drops.dtype)
            shares = weights / weights.sum(0)
            grid = torch.tensordot(grid, shares, dims=([axis], [0])).movedim(-1, axis)
        return grid


def lay_windows(extents: Sequence[int], size: Sequence[int], step: Sequence[int], device: torch.device) -> Windows:
    """Windows of this size, a step apart, until the last cell is under as many as the first.

    Raises:  InputError for a size or a step below 1, and for a step that leaves cells out.

    >>> lay_windows([4], [2], [1], torch.device("cpu")).covers[0].int().tolist()
    [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]]
    """
    for name, numbers in (("window", size), ("step", step)):
        if len(numbers) != len(extents) or min(numbers) < 1:
            raise InputError(f"{name}: found {tuple(numbers)} for {len(extents)} axes, needed one for each, 1 or more")
    if any(one > other for one, other in zip(step, size, strict=True)):
        raise InputError(f"step: found {tuple(step)} for windows of {tuple(size)}, which leaves cells out. Take less")
    return Windows(tuple(extents), tuple(_lay_axis(*axis, device) for axis in zip(extents, size, step, strict=True)))


def _lay_axis(extent: int, size: int, step: int, device: torch.device) -> Tensor:
    before = (size - 1) // step * step
    starts = torch.arange(-before, extent, step, device=device)[:, None]
    cells = torch.arange(extent, device=device)
    return (starts <= cells) & (cells < starts + size)
