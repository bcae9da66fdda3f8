"""Pictures and folders to load: made by Pillow, each with a colour that tells it from the others."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def picture(seed: int, size: tuple[int, int] = (20, 20), mode: str = "RGB") -> Image.Image:
    """Draw noise of a mode; (width, height) as Pillow counts."""
    noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(noise).convert(mode)


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def as_png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def make_folder(root: Path, counts: Mapping[str, int], size: tuple[int, int] = (20, 20), mode: str = "RGB") -> Path:
    """Draw `counts[class]` PNGs into each class folder; `counts` may name paths such as `train/cat`."""
    seed = 0
    for label, count in counts.items():
        (root / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            save(root / label / f"{number:03}.png", picture(seed, size, mode))
            seed += 1
    return root


def huge_png(width: int, height: int) -> bytes:
    """Write a PNG whose header promises more than its few bytes of pixels hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 16))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def as_idx(values: NDArray[Any]) -> bytes:
    big = values.astype(values.dtype.newbyteorder(">")).tobytes()
    return struct.pack(f">HBB{values.ndim}I", 0, CODES[values.dtype.name], values.ndim, *values.shape) + big


def write_idx(folder: Path, stem: str, count: int, *, first: int = 0, zipped: bool = False, seed: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    images = np.random.default_rng(seed).integers(0, 256, (count, 5, 6), np.uint8)
    labels = (np.arange(count) % 3 + first).astype(np.uint8)
    for half, values in (("images-idx3", images), ("labels-idx1", labels)):
        content = as_idx(values)
        name = f"{stem}-{half}-ubyte" + (".gz" if zipped else "")
        (folder / name).write_bytes(gzip.compress(content) if zipped else content)
