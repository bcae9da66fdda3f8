"""One image file: its header, and its pixels as bytes of the size and channels asked for."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from striate.data.jpeg import HEAD_BYTES, decode_plain, read_plain
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
    plain = _read_plain_header(stream.read(HEAD_BYTES))
    if plain is not None:
        return plain
    with open_image(stream) as image:
        return _find_header(image)


def decode_image(content: bytes, extents: tuple[int, int], channels: int) -> tuple[Bytes, Header]:
    """Decode an image, turned as its EXIF says, composited on white, scaled to cover `extents` and cut to its centre.

    16-bit greys are scaled by their range; of an animation the first frame counts.
    Shape: uint8 [channels, height, width].
    Cost: a large JPEG is decoded at the eighth, quarter or half that still covers `extents`; where no scale does,
    simplejpeg, if it is installed, gives the same pixels as Pillow in less time.
    Raises: whatever Pillow raises for what is no whole image.
    """
    pixels, header = _decode_directly(content, extents, channels) or _decode_by_pillow(content, extents, channels)
    return fit_pixels(np.moveaxis(pixels, 2, 0)[None], extents)[0], header


def _decode_by_pillow(content: bytes, extents: tuple[int, int], channels: int) -> tuple[Bytes, Header]:
    """Any image, [height, width, channels]."""
    with open_image(BytesIO(content)) as image:
        header = _find_header(image)
        wanted = _cover(header, extents)
        image.draft(None, wanted if (header.width, header.height) == image.size else wanted[::-1])
        image.load()
        pixels = np.asarray(to_mode(_turn(image), "L" if channels == 1 else "RGB"))
        return pixels[..., None] if pixels.ndim == 2 else pixels, header


def _decode_directly(content: bytes, extents: tuple[int, int], channels: int) -> tuple[Bytes, Header] | None:
    """A plain JPEG [height, width, channels]; None for what Pillow must turn, convert, scale down or refuse."""
    header = _read_plain_header(content)
    if header is None or header.grey != (channels == 1):
        return None
    wanted = _cover(header, extents)
    if min(header.width // wanted[0], header.height // wanted[1]) > 1:
        return None
    pixels = decode_plain(content, grey=header.grey)
    return None if pixels is None else (pixels, header)


def _read_plain_header(content: bytes) -> Header | None:
    plain = read_plain(content)
    return Header(*plain) if plain is not None and plain[0] * plain[1] <= MOST_PIXELS else None


def _find_header(image: Image.Image) -> Header:
    width, height = _upright_size(image)
    return Header(height, width, _is_grey(image.mode))


def _cover(header: Header, extents: tuple[int, int]) -> tuple[int, int]:
    """The width and height that an image is to be scaled to at least."""
    scale = max(extents[0] / header.height, extents[1] / header.width)
    return round(header.width * scale + 0.5), round(header.height * scale + 0.5)


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
