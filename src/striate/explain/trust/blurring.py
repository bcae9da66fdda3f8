"""Gaussian blur over any number of axes: what insertion starts from, an input without its details."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

WIDTH, SIGMA, SIDE = 11, 5.0, 224
"""RISE's kernel, 11 cells wide with a deviation of 5, and the extent of the pictures that it was chosen for."""


def blur(inputs: Tensor) -> Tensor:
    """Inputs under RISE's blur, each axis's kernel as wide for its extent as 11 cells are for 224, and at least 11.

    A smaller input keeps all 11 cells, or it would hardly be blurred (at 48 cells, 2 or 3 cells would leave the
    shape as it was). What lies beyond the border is taken to be what lies at it.

    Shape:   [batch, channels, *extents], and the same again.
    Source:  Petsiuk et al. 2018, "RISE", section 4.2 and the authors' settings (11 cells, sigma 5).
    """
    for axis in range(2, inputs.ndim):
        kernel = make_kernel(inputs.shape[axis])
        inputs = blur_axis(inputs, axis, kernel.to(inputs))
    return inputs


def make_kernel(extent: int) -> Tensor:
    """Weights that sum to 1, an odd number of them, for an axis of this extent.

    >>> len(make_kernel(224)), len(make_kernel(448)), len(make_kernel(48))
    (11, 23, 11)
    """
    scale = max(1.0, extent / SIDE)
    half = round(WIDTH * scale) // 2
    cells = torch.arange(-half, half + 1, dtype=torch.float64)
    weights = torch.exp(-0.5 * (cells / (SIGMA * scale)) ** 2)
    return weights / weights.sum()


def blur_axis(inputs: Tensor, axis: int, kernel: Tensor) -> Tensor:
    """One axis blurred, whatever the others are: they are merged into a batch of rows."""
    rows = inputs.movedim(axis, -1)
    flat = rows.reshape(-1, 1, rows.shape[-1])
    half = len(kernel) // 2
    blurred = F.conv1d(F.pad(flat, (half, half), mode="replicate"), kernel[None, None])
    return blurred.reshape(rows.shape).movedim(-1, axis)
