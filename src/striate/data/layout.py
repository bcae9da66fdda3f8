"""Which axis of an array holds the channels: decided by the axis that has 1, 3 or 4 of them, never guessed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.pool import Request
from striate.errors import DataError

CHANNELS = (1, 3, 4)

Reading = int | None


def to_channels_first(inputs: NDArray[Any], request: Request, where: str) -> NDArray[Any]:
    """View [N, L], [N, H, W], [N, H, W, C], ... as [N, C, *extents].

    An array of 3 axes is grey images unless one of its last two counts 1, 3 or 4 (then it is 1-D with channels).
    Forced `extents` and `channels` decide where they fit one reading alone.
    Raises: DataError where two readings fit, or none.

    >>> to_channels_first(np.zeros((5, 32, 28, 3)), Request(), "x").shape
    (5, 3, 32, 28)
    >>> to_channels_first(np.zeros((5, 28, 28)), Request(), "x").shape
    (5, 1, 28, 28)
    """
    readings = _asked(inputs.shape, request) or _plain(inputs.shape)
    if len(readings) != 1:
        raise DataError(f"{where}: {_complaint(inputs.shape, readings)}")
    axis = readings[0]
    return inputs[:, None] if axis is None else np.moveaxis(inputs, axis, 1)


def _plain(shape: tuple[int, ...]) -> list[Reading]:
    """List the axes that may hold the channels; None stands for one channel without an axis."""
    axes = len(shape)
    if 0 in shape[1:] or not 2 <= axes <= 5:
        return []
    found: list[Reading] = [axis for axis in (1, axes - 1) if axes > 2 and shape[axis] in CHANNELS]
    if axes <= 3 and len(found) != 1:
        found.append(None)
    return found


def _asked(shape: tuple[int, ...], request: Request) -> list[Reading]:
    """Give the one reading that has the forced channels and extents, if exactly one has."""
    if request.channels is None and request.extents is None:
        return []
    every: list[Reading] = [None, *range(1, len(shape))[:: max(1, len(shape) - 2)]]
    fitting = [axis for axis in every if _fits(shape, axis, request)]
    return fitting if len(fitting) == 1 else []


def _fits(shape: tuple[int, ...], axis: Reading, request: Request) -> bool:
    extents = shape[1:] if axis is None else tuple(n for place, n in enumerate(shape) if place not in (0, axis))
    channels = 1 if axis is None else shape[axis]
    return request.extents in (None, extents) and request.channels in (None, channels) and len(extents) > 0


def _complaint(shape: tuple[int, ...], readings: list[Reading]) -> str:
    found = f"found an array of shape {'x'.join(map(str, shape))}"
    if len(readings) > 1:
        return f"{found}, whose channels may be axis 1 or the last; needed a shape where only one of them is 1, 3 or 4."
    return (
        f"{found}; needed [N, L], [N, H, W], [N, H, W, C], [N, C, H, W] or [N, C, D, H, W], with 1, 3 or 4 channels "
        "and no empty axis. Add a channel axis of 1 where there is none."
    )
