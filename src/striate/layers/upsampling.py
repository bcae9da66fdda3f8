"""Upsampling by whole factors, over any number of axes."""

from __future__ import annotations

from typing import Literal

from torch import nn

from striate.layers.axes import MOST_BY_TORCH, Numbers, require_axes, spread_numbers
from striate.layers.separable import Separable

LINEAR = ("linear", "bilinear", "trilinear")


def make_upsample(axes: int, scale_factor: Numbers, mode: Literal["nearest", "linear"] = "nearest") -> nn.Module:
    """Make an `nn.Upsample` for up to three axes, else one for every three of them.

    `nearest` repeats each cell; `linear` interpolates between the middles of the cells (`align_corners=False`).

    Shape:   [N, C, *extents] -> [N, C, *(extent * factor)].
    Raises:  InputError for no axes, ShapeError for a factor below 1.

    >>> make_upsample(2, 2, "linear")
    Upsample(scale_factor=(2.0, 2.0), mode='bilinear')
    """
    require_axes(axes)
    (factors,) = spread_numbers(axes, scale_factor=scale_factor)
    if axes > MOST_BY_TORCH:
        return Separable(axes, lambda part: make_upsample(len(factors[part]), factors[part], mode))
    exact = tuple(map(float, factors))
    if mode == "nearest":
        return nn.Upsample(scale_factor=exact, mode="nearest")
    return nn.Upsample(scale_factor=exact, mode=LINEAR[axes - 1], align_corners=False)
