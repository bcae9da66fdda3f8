"""One size for all samples: chosen from the images' own sizes, or forced by the caller."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from striate.data.part import Bytes
from striate.data.pool import Request
from striate.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

LONGEST = 224
SHORTEST = 16


def choose_extents(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Choose (height, width) for images of these sizes.

    All equal: that size, its longest side brought down to 224. Differing: a square of the median shorter side, 16 to
    224, a multiple of 16 from 32 on.

    >>> choose_extents([(480, 640)] * 3), choose_extents([(100, 90), (60, 80), (75, 75)])
    ((168, 224), (80, 80))
    """
    if len(set(sizes)) == 1:
        height, width = sizes[0]
        scale = min(1.0, LONGEST / max(height, width))
        return max(1, round(height * scale)), max(1, round(width * scale))
    side = min(LONGEST, max(SHORTEST, round(median(min(size) for size in sizes))))
    side = side if side < 2 * SHORTEST else 16 * ((side + 8) // 16)
    return side, side


def fit_image(image: Image.Image, extents: tuple[int, int]) -> Image.Image:
    """Scale an image so that it just covers (height, width), bicubic and antialiased, and cut out the centre."""
    from PIL import Image, ImageOps

    height, width = extents
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)


def conform(inputs: Bytes, request: Request, where: str) -> Bytes:
    """Bring samples to the forced channels and extents, as images of files are: grey repeats, colour becomes luma.

    Shape: uint8 [N, C, *extents] -> uint8 [N, channels, *extents].
    Raises: DataError where the samples can't become what is asked.
    """
    inputs = _to_channels(inputs, request.channels, where)
    extents = tuple(inputs.shape[2:])
    if request.extents in (None, extents):
        return inputs
    if len(extents) != 2 or len(request.extents or ()) != 2:
        needed = "x".join(map(str, request.extents or ()))
        raise DataError(
            f"{where}: found samples of {'x'.join(map(str, extents))}; needed {needed}. Resample them first."
        )
    return _to_extents(inputs, (request.extents[0], request.extents[1]))


def _to_channels(inputs: Bytes, channels: int | None, where: str) -> Bytes:
    found = inputs.shape[1]
    if channels in (None, found):
        return inputs
    if found == 1:
        return np.repeat(inputs, channels, axis=1)
    if found == 3 and channels == 1:
        return np.stack([_luma(sample) for sample in inputs])
    raise DataError(f"{where}: found samples of {found} channels; needed {channels}.")


def _luma(sample: Bytes) -> Bytes:
    """Weigh red, green and blue to grey as Pillow does. Source: ITU-R BT.601, in 16-bit fixed point."""
    red, green, blue = sample.astype(np.uint32)
    grey: Bytes = ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)
    return grey[None]


def _to_extents(inputs: Bytes, extents: tuple[int, int]) -> Bytes:
    from PIL import Image

    fitted = np.empty((*inputs.shape[:2], *extents), np.uint8)
    for place in np.ndindex(inputs.shape[:2]):
        fitted[place] = np.asarray(fit_image(Image.fromarray(np.ascontiguousarray(inputs[place])), extents))
    return fitted
