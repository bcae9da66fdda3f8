"""Arrays as pictures that a page can hold inside itself (PNG as a data URI)."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


def encode_png(pixels: Bytes) -> str:
    """Encode grey [H, W], colour [H, W, 3] or colour with opacity [H, W, 4] as a data URI, without loss.

    >>> encode_png(np.zeros((2, 2), np.uint8))[:22]
    'data:image/png;base64,'
    """
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode("ascii")


def take_middle(array: NDArray[Any], axes: int) -> NDArray[Any]:
    """Take the middle slice along the first spatial axes of [C, *extents] until `axes` of them are left.

    >>> take_middle(np.arange(6).reshape(1, 3, 1, 2), 2).tolist()
    [[[2, 3]]]
    """
    while array.ndim - 1 > axes:
        array = array[:, array.shape[1] // 2]
    return array


def merge_channels(array: NDArray[Any]) -> NDArray[np.float64]:
    """Turn [C, H, W] into what a screen can show: [H, W, 3] of three channels, else [H, W], their mean."""
    real = np.nan_to_num(array.astype(np.float64))
    return np.moveaxis(real, 0, -1) if len(array) == 3 else real.mean(axis=0)


def shrink(pixels: Bytes, longest: int) -> Bytes:
    """Shrink a picture so that its longer side is `longest` at most; a smaller one stays as it is."""
    height, width = pixels.shape[:2]
    factor = longest / max(height, width)
    if factor >= 1:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
