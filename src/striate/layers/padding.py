"""Padding over any number of axes, by each of the four modes; torch's own stops at three axes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.arithmetic import Pair
from striate.layers.axes import MOST_BY_TORCH, flatten_pairs


def pad_axes(input: Tensor, pads: Sequence[Pair], mode: str = "zeros", fill: float = 0.0) -> Tensor:
    """Pad the last axes by the cells (before, after) of each, in the axes' order; with `zeros`, `fill` stands in them.

    Shape:   [N, C, *extents] -> [N, C, *(before + extent + after)].
    Cost:    0 multiplies; a copy of the input, and past three axes one more for each axis that is padded.
    Raises:  RuntimeError (torch's) where an axis has fewer cells than `reflect` or `circular` needs.

    >>> pad_axes(torch.tensor([[[1.0, 2.0, 3.0]]]), [(2, 1)], "reflect")
    tensor([[[3., 2., 1., 2., 3., 2.]]])
    """
    if not any(map(any, pads)):
        return input
    if mode == "zeros":
        return F.pad(input, flatten_pairs(pads), value=fill)
    if len(pads) <= MOST_BY_TORCH:
        return F.pad(input, flatten_pairs(pads), mode=mode)
    padded = input
    for axis, pad in enumerate(pads, start=2):
        before, after = (
            [_take(padded, axis, cells, mode, at_end=end)] if cells else [] for end, cells in enumerate(pad)
        )
        padded = torch.cat([*before, padded, *after], axis) if before or after else padded
    return padded


def _take(input: Tensor, axis: int, cells: int, mode: str, *, at_end: int) -> Tensor:
    """What stands before an axis, or after it (`at_end`): so many cells of the input's own."""
    if mode == "circular":
        return input.narrow(axis, 0 if at_end else -cells, cells)
    if mode == "reflect":
        return input.narrow(axis, -1 - cells if at_end else 1, cells).flip(axis)
    return torch.cat([input.narrow(axis, -at_end, 1)] * cells, axis)
