"""One picture by itself, at the size that it has."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from math import sqrt
from pathlib import Path

from striate.data.folder import open_regular
from striate.data.images import MOST_BYTES, Header, decode_image, explain_failure, read_header
from striate.data.part import Bytes
from striate.data.store import shown
from striate.errors import DataError


@dataclass(frozen=True)
class Photo:
    """A picture's pixels [channels, height, width], and the height and width that the file has."""

    pixels: Bytes
    stored: tuple[int, int]

    @property
    def is_reduced(self) -> bool:
        """Whether it was scaled down to be read."""
        return self.pixels.shape[1:] != self.stored


def read_picture(path: str | Path, channels: int | None = None, most: int | None = None) -> Photo:
    """Read one picture as the training reads it, but at its own size; one of more than `most` pixels at that many.

    Of a grey picture 1 channel, else 3, where `channels` leaves it open.

    Raises:  DataError for a file that is no picture that can be read.
    """
    try:
        with open_regular(Path(path).expanduser()) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large or odd files; what can't be read is named here
            content = stream.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise OSError(f"more than {MOST_BYTES} bytes")
            header = read_header(BytesIO(content))
            pixels, _ = decode_image(content, _bound(header, most), channels or (1 if header.grey else 3))
            return Photo(pixels, (header.height, header.width))
    except Exception as problem:  # decoders raise almost anything on damaged files
        reason = explain_failure(problem)
        raise DataError(f"{shown(str(path))}: {reason}, needed a picture. Give another") from None


def _bound(header: Header, most: int | None) -> tuple[int, int]:
    """Height and width, in their proportion, of at most so many pixels."""
    height, width = header.height, header.width
    if most is None or height * width <= most:
        return height, width
    scale = sqrt(most / (height * width))
    return max(1, int(height * scale)), max(1, int(width * scale))
