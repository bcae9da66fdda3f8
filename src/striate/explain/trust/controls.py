"""Maps that never saw the network: what a map is held against. One knows nothing, the other the input's edges."""

from __future__ import annotations

import zlib

import torch
from torch import Tensor


def draw_random(inputs: Tensor, seed: int) -> Tensor:
    """A map of random numbers for each input: a function of the seed and the input, not of its place in the batch.

    Shape:   [batch, channels, *extents] -> [batch, *extents], in float32 on the inputs' device.
    """
    drawn = [torch.rand(one.shape[1:], generator=seed_by(one, seed)) for one in inputs]
    return torch.stack(drawn).to(inputs.device)


def seed_by(one: Tensor, seed: int) -> torch.Generator:
    """A generator on the processor, seeded by a number and an input's values."""
    values = one.detach().float().cpu().contiguous().numpy().tobytes()
    return torch.Generator().manual_seed(zlib.crc32(values, seed % 2**32))  # torch heeds 32 bits of a seed


def find_edges(inputs: Tensor) -> Tensor:
    """How steep each input is at each cell: Sobel's filter along every axis, the channels and axes taken together.

    Along an axis it takes differences, and smooths along the others by 1, 2, 1. The border is continued as it is.

    Shape:   [batch, channels, *extents] -> [batch, *extents], in float32.

    >>> find_edges(torch.tensor([[[0., 0., 4., 4.]]])).tolist()
    [[0.0, 4.0, 4.0, 0.0]]
    """
    values, axes = inputs.detach().float(), range(2, inputs.ndim)
    steepness = torch.zeros_like(values)
    for along in axes:
        slope = values
        for axis in axes:
            slope = weigh(slope, axis, (-1.0, 0.0, 1.0) if axis == along else (1.0, 2.0, 1.0))
        steepness += slope.square()
    return steepness.sum(1).sqrt()


def weigh(values: Tensor, axis: int, weights: tuple[float, float, float]) -> Tensor:
    """A sum of each cell and its two neighbours along an axis; beyond the border lies the border's value."""
    rows = values.movedim(axis, -1)
    padded = torch.cat([rows[..., :1], rows, rows[..., -1:]], -1)
    before, here, after = padded[..., :-2], rows, padded[..., 2:]
    return (weights[0] * before + weights[1] * here + weights[2] * after).movedim(-1, axis)
