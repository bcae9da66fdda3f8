"""Small changes of place, angle and size, so that what is made holds however it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import torch
from torch import Tensor
from torch.nn import functional

from striate.errors import InputError


@dataclass(frozen=True)
class Wobble:
    """By how many cells inputs are moved along each axis, and pictures turned (degrees) and scaled (a share)."""

    cells: int = 0
    degrees: float = 0.0
    share: float = 0.0

    def __post_init__(self) -> None:
        """Check that they are sizes."""
        if min(self.cells, self.degrees, self.share) < 0 or self.share >= 1:
            raise InputError(
                f"jitter: found {self.cells} cells, {self.degrees:g} degrees, {self.share:g} of the size; needed from 0"
            )

    def apply(self, inputs: Tensor, generator: torch.Generator) -> Tensor:
        """All inputs of a batch, changed alike: what leaves at one edge comes in at the other.

        Shape:   [count, channels, *extents], as before.
        """
        axes = inputs.ndim - 2
        drawn = torch.rand(axes + 2, generator=generator, dtype=torch.float64) * 2 - 1
        if axes == 2 and (self.degrees or self.share):
            inputs = turn(inputs, self.degrees * drawn[-2].item(), 1 + self.share * drawn[-1].item())
        if not self.cells:
            return inputs
        moves = [round(self.cells * drawn[axis].item()) for axis in range(axes)]
        return inputs.roll(moves, dims=tuple(range(2, inputs.ndim)))


def turn(inputs: Tensor, degrees: float, scale: float) -> Tensor:
    """Pictures turned about their middle and made `scale` times as large, at their size; the edge is mirrored.

    Shape:   [count, channels, height, width], as before.
    """
    height, width = inputs.shape[2:]
    across, along = sin(radians(degrees)) / scale, cos(radians(degrees)) / scale
    rows = [[along, -across * height / width, 0.0], [across * width / height, along, 0.0]]
    matrix = inputs.new_tensor(rows).expand(len(inputs), 2, 3)
    grid = functional.affine_grid(matrix, list(inputs.shape), align_corners=False)
    return functional.grid_sample(inputs, grid, padding_mode="reflection", align_corners=False)
