"""Plain JPEGs past Pillow: the same sizes and pixels in less time, for those that need no turning and no converting.

Opening a file with Pillow costs a tenth of decoding it, and is done twice: once for its size, once for its pixels.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from striate.data.part import Bytes

HEAD_BYTES = 1 << 13  # most heads end before; those that don't are Pillow's
_TURNING, _LATER, _SEVERAL = 0xE1, 0xE2, b"MPF\0"  # the mark of an EXIF or XMP block; of a file of several pictures
_PIXELS, _LEAST = 0xDA, 0xC0  # the mark that pixels come after; the least of those that have a length behind them
_COLOURS = ("Gray", "YCbCr", "RGB")


def read_plain(content: bytes) -> tuple[int, int, bool] | None:
    """The height and width of a plain JPEG, of which the head is enough, and whether it is grey; None for others.

    Cost: some microseconds. Without simplejpeg no file is plain.

    >>> read_plain(b"GIF89a") is None
    True
    """
    library = _find_library()
    if library is None or not _is_simple(content):
        return None
    try:
        height, width, colours, _ = library.decode_jpeg_header(content)
    except ValueError:  # Pillow says whether it can be read all the same
        return None
    return (height, width, colours == "Gray") if colours in _COLOURS else None


def _is_simple(content: bytes) -> bool:
    """Whether nothing before the pixels says how to turn them, or that there are others; false for a head cut short.

    Source: ITU-T T.81, B.1.1.4: a mark of two bytes, then the length of its block, which counts itself.
    """
    if content[:2] != b"\xff\xd8":
        return False
    place = 2
    while len(content) >= place + 4 and content[place] == 0xFF:
        mark = content[place + 1]
        if mark == _PIXELS:
            return True
        several = mark == _LATER and content[place + 4 : place + 8] == _SEVERAL
        if mark < _LEAST or mark == _TURNING or several:
            return False
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return False


def decode_plain(content: bytes, *, grey: bool) -> Bytes | None:
    """A plain JPEG's pixels, [height, width, 1 or 3]; None where they are damaged: Pillow may still know what to do."""
    try:
        pixels: Bytes = _find_library().decode_jpeg(content, "GRAY" if grey else "RGB")
    except ValueError:
        return None
    return pixels


@lru_cache(maxsize=1)
def _find_library() -> Any:
    try:
        return import_module("simplejpeg")
    except ImportError:
        return None
