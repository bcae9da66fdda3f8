"""One size for all samples: chosen from the images' own sizes, or forced by the caller."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from striate.data.part import Bytes
from striate.data.pool import Request
from striate.errors import DataError

LONGEST = 224
SHORTEST = 16
_AT_ONCE = 64


def choose_extents(sizes: Sequence[tuple[int, int]], longest: int = LONGEST) -> tuple[int, int]:
    """Choose (height, width) for images of these sizes.

    All equal: that size, its longest side brought down to `longest`. Differing: a square of the median shorter side, 16
    to `longest`, a multiple of 16 from 32 on.

    >>> choose_extents([(480, 640)] * 3), choose_extents([(100, 90), (60, 80), (75, 75)])
    ((168, 224), (80, 80))
    """
    if len(set(sizes)) == 1:
        height, width = sizes[0]
        scale = min(1.0, longest / max(height, width))
        return max(1, round(height * scale)), max(1, round(width * scale))
    side = min(longest, max(SHORTEST, round(median(min(size) for size in sizes))))
    side = side if side < 2 * SHORTEST else 16 * ((side + 8) // 16)
    return side, side


def find_window(found: tuple[int, int], extents: tuple[int, int]) -> tuple[int, int, int, int]:
    """Give (top, left, height, width) of the largest window in the middle that has the shape of `extents`.

    >>> find_window((375, 500), (224, 224)), find_window((60, 40), (10, 20))
    ((0, 62, 375, 375), (20, 0, 20, 40))
    """
    scale = max(extents[0] / found[0], extents[1] / found[1])
    height, width = (max(1, min(old, round(new / scale))) for old, new in zip(found, extents, strict=True))
    return (found[0] - height) // 2, (found[1] - width) // 2, height, width


def fit_pixels(pixels: Bytes, extents: tuple[int, int]) -> Bytes:
    """Cut out the largest window in the middle that has the shape of `extents` and scale it, bicubic and antialiased.

    Shape: uint8 [N, C, H, W], of any strides -> uint8 [N, C, *extents], contiguous.
    Cost: with the channels of a pixel side by side in memory a quarter of Pillow's time.
    Source: Keys 1981, "Cubic convolution interpolation", with a = -0.5, the kernel stretched where it scales down.
    """
    top, left, height, width = find_window((pixels.shape[2], pixels.shape[3]), extents)
    window = pixels[:, :, top : top + height, left : left + width]
    if (height, width) == extents or not window.size:
        return np.ascontiguousarray(window)
    from torch import from_numpy
    from torch.nn.functional import interpolate

    window = window if window.flags.writeable else window.copy(order="K")  # torch would warn
    fitted = interpolate(from_numpy(window), size=extents, mode="bicubic", antialias=True)
    result: Bytes = np.ascontiguousarray(fitted.numpy())
    return result


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
        return np.stack([to_luma(sample) for sample in inputs])
    raise DataError(f"{where}: found samples of {found} channels; needed {channels}.")


def to_luma(sample: Bytes) -> Bytes:
    """Weigh red, green and blue, [3, ...], to grey, [1, ...], as Pillow does.

    Source: ITU-R BT.601, in 16-bit fixed point.
    """
    red, green, blue = sample.astype(np.uint32)
    grey: Bytes = ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)
    return grey[None]


def _to_extents(inputs: Bytes, extents: tuple[int, int]) -> Bytes:
    fitted = np.empty((*inputs.shape[:2], *extents), np.uint8)
    for start in range(0, len(inputs), _AT_ONCE):
        fitted[start : start + _AT_ONCE] = fit_pixels(inputs[start : start + _AT_ONCE], extents)
    return fitted
