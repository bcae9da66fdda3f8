"""An input at several sizes, so that a window of one size meets things of many."""

from __future__ import annotations

from math import prod
from typing import Any, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Values: TypeAlias = "NDArray[Any]"  # channels x extents: bytes, or floats from 0 to 1

MOST_SCALES = 7


def choose_scales(extents: tuple[int, ...], window: tuple[int, ...]) -> tuple[float, ...]:
    """Scales from the one at which the window only just fits up to twice the size, a factor of sqrt 2 apart.

    At scale s the window meets things of window/s cells; at most 7 scales, the largest of them. Where the window fits
    at none of these: the one at which it does.

    >>> [round(scale, 2) for scale in choose_scales((56, 80), (28, 28))]
    [0.5, 0.71, 1.0, 1.41, 2.0]
    """
    least = max(size / extent for size, extent in zip(window, extents, strict=True))
    powers = (2.0 ** (power / 2) for power in range(2, 2 - MOST_SCALES, -1))
    return tuple(reversed([scale for scale in powers if scale >= least * (1 - 1e-9)])) or (least,)


def scale_extents(extents: tuple[int, ...], scale: float) -> tuple[int, ...]:
    """The extents after `rescale`.

    >>> scale_extents((10, 21), 0.5)
    (5, 10)
    """
    return tuple(max(1, round(extent * scale)) for extent in extents)


def rescale(values: Values, scale: float) -> Values:
    """Resize every axis by a factor: linear between the cells, and smoothed first where it shrinks.

    Shape:   [C, *extents] -> [C, *extents times the scale, rounded, at least 1], of the same type, within the same
             range; any number of axes.

    >>> rescale(np.zeros((1, 10, 20), dtype=np.uint8), 0.5).shape
    (1, 5, 10)
    """
    if scale == 1:
        return values
    resized: Tensor = torch.from_numpy(np.array(values, dtype=np.float32))
    for axis, extent in enumerate(scale_extents(values.shape[1:], scale), 1):
        resized = _resize_axis(resized, axis, extent)
    found = resized.numpy()
    if values.dtype == np.uint8:
        found = found.round()
    return found.clip(values.min(), values.max()).astype(values.dtype)


def _resize_axis(values: Tensor, axis: int, extent: int) -> Tensor:
    """One axis after the other, as a picture whose other axis stays: so that any number of axes will do."""
    before, after = values.shape[:axis], values.shape[axis + 1 :]
    if extent == values.shape[axis]:
        return values
    if after:
        sheets, size = values.reshape(1, prod(before), -1, prod(after)), (extent, prod(after))
    else:
        sheets, size = values.reshape(1, 1, prod(before), -1), (prod(before), extent)
    found = F.interpolate(sheets, size=size, mode="bilinear", antialias=extent < values.shape[axis])
    return found.reshape(*before, extent, *after)
