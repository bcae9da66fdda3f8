"""One mask file: a whole number for every cell of its picture, as the file holds it, and at another size."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.images import MOST_BYTES, open_image
from striate.data.part import Bytes
from striate.data.size import find_window
from striate.data.store import Entry, Store
from striate.data.tree import ARRAYS
from striate.data.volume import read_volume

MASKS = (".png", ".bmp", ".gif", ".tif", ".tiff", ".pgm", *ARRAYS)
LOSSY = (".jpg", ".jpeg", ".webp")
MOST_VALUE = 255
_SIXTEEN_BITS = 65535


def read_mask(store: Store, entry: Entry) -> Bytes:
    """Read the numbers of a mask: of a palette picture its indices, of a grey one its greys, of an array its values.

    What knows two values alone (bits, yes and no, a palette of black and white, 0 and 65535) becomes 0 and 255.

    Shape: uint8 [*extents].
    Raises: ValueError for colours, or numbers that are not whole or not from 0 to 255; whatever Pillow or numpy raise
    for a damaged file.
    """
    if entry.name.lower().endswith(LOSSY):
        raise ValueError("a mask whose numbers are blurred by its format; needed png, bmp, gif, tiff or npy")
    if entry.name.lower().endswith(ARRAYS):
        return _to_numbers(read_volume(store, entry))
    with store.open(entry) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(f"more than {MOST_BYTES} bytes")
    return _decode(content)


def fit_mask(mask: Bytes, extents: tuple[int, int]) -> Bytes:
    """Cut out the window that `fit_pixels` cuts out of the picture, and take of each cell the nearest number.

    >>> fit_mask(np.array([[0, 0, 7, 7, 0, 0]] * 2, np.uint8), (1, 1)).tolist()
    [[7]]
    """
    top, left, height, width = find_window((mask.shape[0], mask.shape[1]), extents)
    rows = top + (2 * np.arange(extents[0]) + 1) * height // (2 * extents[0])
    columns = left + (2 * np.arange(extents[1]) + 1) * width // (2 * extents[1])
    fitted: Bytes = mask[rows[:, None], columns]
    return fitted


def _decode(content: bytes) -> Bytes:
    from PIL import ImageOps

    with open_image(BytesIO(content)) as image:
        image.load()
        upright = ImageOps.exif_transpose(image)
        values = np.asarray(upright)
        if upright.mode == "P":
            return _read_palette(values, upright.getpalette() or [])
        if upright.mode in ("LA", "RGB", "RGBA"):
            return _take_greys(values)
        if upright.mode == "1" or upright.mode == "L" or upright.mode.startswith("I"):
            return _to_numbers(values)
    raise ValueError(f"a mask of mode {upright.mode}; needed class numbers in a grey or palette picture")


def _read_palette(places: NDArray[Any], palette: list[int]) -> Bytes:
    """The indices; 0 and 255 where what is used of the palette is black and white."""
    colours = np.array(palette, np.int64).reshape(-1, 3)
    used = np.unique(places)
    if len(used) and int(used[-1]) < len(colours):
        found = {tuple(colour) for colour in colours[used].tolist()}
        if found <= {(0, 0, 0), (255, 255, 255)} and len(found) == len(used):
            return _to_numbers(colours[places, 0])
    return _to_numbers(places)


def _take_greys(values: NDArray[Any]) -> Bytes:
    """Colours that are greys, all opaque, by their grey."""
    colours = values[..., : 3 if values.shape[-1] > 2 else 1]
    if values.shape[-1] in (2, 4) and (values[..., -1] != MOST_VALUE).any():
        raise ValueError("a mask with transparent cells; needed class numbers in a grey or palette picture")
    if (colours != colours[..., :1]).any():
        raise ValueError("a mask in colours; needed class numbers in a grey or palette picture")
    return _to_numbers(colours[..., 0])


def _to_numbers(values: NDArray[Any]) -> Bytes:
    if values.dtype == bool:
        return np.where(values, np.uint8(MOST_VALUE), np.uint8(0))
    low, high = float(values.min()), float(values.max())
    if high == _SIXTEEN_BITS and ((values == 0) | (values == _SIXTEEN_BITS)).all():
        return np.where(values > 0, np.uint8(MOST_VALUE), np.uint8(0))
    if low < 0 or high > MOST_VALUE:
        raise ValueError(f"a mask of numbers from {low:g} to {high:g}; needed class numbers from 0 to 254, or 255")
    if values.dtype.kind == "f" and (values != np.rint(values)).any():
        raise ValueError("a mask of fractions; needed class numbers")
    return values.astype(np.uint8)
