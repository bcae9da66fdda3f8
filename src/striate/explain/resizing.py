"""A layer's maps brought to the extents of the input, by linear interpolation, over any number of axes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def resize_maps(maps: Tensor, extents: Sequence[int]) -> Tensor:
    """Interpolate maps linearly between the middles of their cells; the outermost values go on to the border.

    Over more than three axes it goes one axis at a time, which is the same: linear interpolation is separable.

    Shape:   [batch, *cells] -> [batch, *extents], in single precision or better.

    >>> resize_maps(torch.tensor([[0.0, 1.0]]), [4])
    tensor([[0.0000, 0.2500, 0.7500, 1.0000]])
    """
    maps = maps.to(torch.promote_types(maps.dtype, torch.float32))
    if tuple(maps.shape[1:]) == tuple(extents):
        return maps
    if len(extents) in MODES:
        mode = MODES[len(extents)]
        return F.interpolate(maps[:, None], size=tuple(extents), mode=mode, align_corners=False)[:, 0]
    for axis, extent in enumerate(extents, start=1):
        lines = maps.movedim(axis, -1)
        resized = F.interpolate(lines.reshape(-1, 1, lines.shape[-1]), size=extent, mode="linear", align_corners=False)
        maps = resized.reshape(*lines.shape[:-1], extent).movedim(-1, axis)
    return maps
