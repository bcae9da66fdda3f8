"""One image file: its header, and its pixels as bytes of the size and channels asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from striate.data.part import Bytes
from striate.data.size import fit_pixels
from striate.data.store import shown

if TYPE_CHECKING:
    from PIL import Image

# Only decoders that live inside Pillow: none that starts another program.
FORMATS = ("JPEG", "PNG", "BMP", "DIB", "GIF", "TIFF", "WEBP", "PPM")
MOST_PIXELS = 178_956_970
MOST_BYTES = 1 << 30
_GREY = ("1", "L", "LA", "La", "I", "F")
_EXIF = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"})
_WIDTH, _HEIGHT, _ORIENTATION = 0x0100, 0x0101, 0x0112


@dataclass(frozen=True)
class Header:
    """What an image is before it is decoded; height and width as it is shown, after its EXIF rotation."""

    height: int
    width: int
    grey: bool


def read_header(stream: BinaryIO) -> Header:
    """Read an image's size and whether it is stored grey. Raises: whatever Pillow raises for what is no image."""
    with open_image(stream) as image:
        width, height = _upright_size(image)
        return Header(height, width, _is_grey(image.mode))


def decode_image(content: bytes, extents: tuple[int, int], channels: int) -> tuple[Bytes, Header]:
    """Decode an image, turned as its EXIF says, composited on white, scaled to cover `extents` and cut to its centre.

    16-bit greys are scaled by their range; of an animation the first frame counts.
    Shape: uint8 [channels, height, width].
    Cost: a large JPEG is decoded at the eighth, quarter or half that still covers `extents`; where no scale does,
    simplejpeg, if it is installed, gives the same pixels as Pillow in less time.
    Raises: whatever Pillow raises for what is no whole image.
    """
    with open_image(BytesIO(content)) as image:
        width, height = _upright_size(image)
        header = Header(height, width, _is_grey(image.mode))
        scale = max(extents[0] / height, extents[1] / width)
        wanted = (round(width * scale + 0.5), round(height * scale + 0.5))
        size = image.size
        image.draft(None, wanted if (width, height) == image.size else wanted[::-1])
        pixels = None if image.size != size else _decode_directly(image, content, channels)
        if pixels is None:
            image.load()
            pixels = np.asarray(to_mode(_turn(image), "L" if channels == 1 else "RGB"))
        pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        return fit_pixels(np.moveaxis(pixels, 2, 0)[None], extents)[0], header


def _decode_directly(image: Image.Image, content: bytes, channels: int) -> Bytes | None:
    """Decode a plain JPEG [height, width, channels] past Pillow; None for what Pillow must turn, convert or refuse."""
    decode = _find_decoder()
    colours = {("RGB", 3): "RGB", ("L", 1): "GRAY"}.get((image.mode, channels))
    if decode is None or colours is None or image.format != "JPEG" or _has_exif(image):
        return None
    try:
        pixels: Bytes = decode(content, colours)
    except ValueError:  # Pillow says whether it can be read all the same
        return None
    return pixels


@lru_cache(maxsize=1)
def _find_decoder() -> Callable[[bytes, str], Bytes] | None:
    try:
        found: Callable[[bytes, str], Bytes] = import_module("simplejpeg").decode_jpeg
    except ImportError:
        return None
    return found


def explain_failure(error: Exception) -> str:
    """Say in a few words why an image can't be read."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "not an image that can be read"
    if isinstance(error, Image.DecompressionBombError):
        return f"more than {MOST_PIXELS} pixels"
    if isinstance(error, MemoryError):
        return "too large for the memory"
    text = (getattr(error, "strerror", None) or str(error)).strip().split("\n")[0]
    return shown(text[:160]) or type(error).__name__


def open_image(stream: BinaryIO) -> Image.Image:
    from PIL import Image

    if not stream.seek(0, 2):
        raise OSError("an empty file")
    stream.seek(0)
    image = Image.open(stream, formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise Image.DecompressionBombError
    return image


def _is_turned(image: Image.Image) -> bool:
    """Tell whether EXIF turns the image on its side; a PNG's EXIF may follow the pixels, and is not waited for here."""
    try:
        return _has_exif(image) and bool(image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8))
    except Exception:  # a damaged EXIF block raises almost anything, and the pixels may still be whole
        return False


def _has_exif(image: Image.Image) -> bool:
    """Tell whether there is anything to ask: making an empty EXIF block costs as much as decoding a small image."""
    return image.format == "TIFF" or not _EXIF.isdisjoint(image.info)


def _upright_size(image: Image.Image) -> tuple[int, int]:
    """Give width and height as shown; of a TIFF its tags', as Pillow's versions differ in when they turn one."""
    tags = getattr(image, "tag_v2", {})
    width, height = tags.get(_WIDTH, image.width), tags.get(_HEIGHT, image.height)
    return (height, width) if _is_turned(image) else (width, height)


def _turn(image: Image.Image) -> Image.Image:
    """Turn an image as its EXIF says; one whose EXIF block is damaged stays as it is."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image) if _has_exif(image) else image
    except Exception:  # as above
        return image


def _is_grey(mode: str) -> bool:
    return mode in _GREY or mode.startswith("I;16")


def to_mode(image: Image.Image, mode: str) -> Image.Image:
    """Convert any of Pillow's modes to grey or RGB, transparent pixels on white."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        image = _from_range(image)
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image if image.mode == mode else image.convert(mode)


def _from_range(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and float greys to bytes by the range that they can be in, never by clipping."""
    from PIL import Image

    values = np.asarray(image, np.float64)
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 65535):
        raise ValueError(f"grey values from {low:g} to {high:g}; needed 0 to 1 in floats or 0 to 65535")
    most = 1.0 if image.mode == "F" and high <= 1 else 255.0 if image.mode == "F" and high <= 255 else 65535.0
    return Image.fromarray(np.rint(values * (255 / most)).astype(np.uint8))
