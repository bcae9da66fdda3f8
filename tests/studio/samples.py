"""Files for the tests to upload: plain ones, and hostile ones."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from striate.studio.decoding import MOST_PIXELS

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)


def write_picture(pixels: Any, format: str = "png", **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format, **options)
    return stream.getvalue()


def write_sound(values: Any, rate: int) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, values, rate, format="wav", subtype="FLOAT")
    return stream.getvalue()


def write_array(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def write_bomb(width: int, height: int) -> bytes:
    """A png of that many black pixels, in few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" * (width + 1)) for _ in range(min(height, 3000))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def write_wav_header(samples: int) -> bytes:
    """A wav that promises so many samples, and has none."""
    size = samples * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", min(size + 36, 2**32 - 1), b"WAVE")
        + form
        + struct.pack("<4sI", b"data", min(size, 2**32 - 1))
    )


def lie(shape: str) -> bytes:
    """A .npy whose header claims a shape that its bytes don't have."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()


def write_gif(frames: int) -> bytes:
    """An animation of so many frames of one pixel, on 64 x 64: 23 bytes each."""
    head = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\0\x01\0\0\0" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + frame * frames + b"\x3b"


def write_playlist(address: str) -> bytes:
    """What a player of streams would fetch from elsewhere."""
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n"
    return f"{head}{address}\n#EXT-X-ENDLIST\n".encode()


def write_swelling_archive(size: int) -> bytes:
    """An npz whose one array swells a thousandfold."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", write_array(np.zeros(size, np.uint8)))
    return stream.getvalue()


def write_link(target: str) -> bytes:
    """An npz whose one entry is a symbolic link."""
    stream, entry = io.BytesIO(), zipfile.ZipInfo("a.npy")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(entry, target)
    return stream.getvalue()


HOSTILE: list[tuple[str, int, bytes]] = [
    ("bomb.png", 413, write_bomb(60_000, 60_000)),
    ("bomb.png", 413, write_bomb(8_000, MOST_PIXELS // 8_000 + 1)),
    ("long.wav", 413, write_wav_header(601 * 8000) + bytes(601 * 16000)),
    ("drawing.svg", 415, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ("page.html", 415, b"<script>alert(1)</script>"),
    ("weights.pt", 415, pickle.dumps([1])),
    ("weights.pkl", 415, pickle.dumps([1])),
    ("none", 415, b"x"),
    ("a.png\0.svg", 415, b"x"),
    ("a.", 415, b"x"),
]
