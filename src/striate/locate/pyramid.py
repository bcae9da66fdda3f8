"""An input at several sizes, so that a window of one size meets things of many."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

Values: TypeAlias = "NDArray[Any]"  # channels x extents: bytes, or floats from 0 to 1

FACTOR = 2**0.5  # from one scale to the next
MOST_SCALES = 7
_MODES = ("linear", "bilinear", "trilinear")


def choose_scales(extents: tuple[int, ...], window: tuple[int, ...]) -> tuple[float, ...]:
    """Scales from the one at which the window only just fits up to twice the size, a factor of sqrt 2 apart.

    At scale s the window meets things of window/s cells; at most 7 scales, the largest of them.

    >>> [round(scale, 2) for scale in choose_scales((56, 80), (28, 28))]
    [0.5, 0.71, 1.0, 1.41, 2.0]
    """
    least = max(size / extent for size, extent in zip(window, extents, strict=True))
    powers = (FACTOR**power for power in range(2, 2 - MOST_SCALES, -1))
    return tuple(reversed([scale for scale in powers if scale >= least * (1 - 1e-9)])) or (least,)


def rescale(values: Values, scale: float) -> Values:
    """Resize every axis by a factor; linear between the cells, and smoothed first where it shrinks an image.

    Shape:   [C, *extents] -> [C, *extents times the scale, rounded, at least 1]; up to three axes.

    >>> rescale(np.zeros((1, 10, 20), dtype=np.uint8), 0.5).shape
    (1, 5, 10)
    """
    if scale == 1:
        return values
    extents = tuple(max(1, round(extent * scale)) for extent in values.shape[1:])
    smooth = scale < 1 and len(extents) == 2
    floats = torch.from_numpy(np.ascontiguousarray(values)).float()[None]
    resized = F.interpolate(floats, size=extents, mode=_MODES[len(extents) - 1], antialias=smooth)[0].numpy()
    if values.dtype == np.uint8:
        return resized.round().clip(0, 255).astype(np.uint8)
    return resized.astype(values.dtype)
