"""Whole files of every kind that is read, made on the fly, and the sources that they stand in."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE, COUNT = 12, 8
CLASSES = ("cat", "dog")
TARS: tuple[Any, ...] = ("w", "w:gz", "w:xz", "w:bz2")
Draw = Callable[[np.random.Generator], bytes]


def draw_pixels(generator: np.random.Generator, channels: int = 3) -> NDArray[np.uint8]:
    shape = (SIDE, SIDE) if channels == 1 else (SIDE, SIDE, channels)
    return generator.integers(0, 256, shape, dtype=np.uint8)


def write_image(kind: str) -> Draw:
    """A writer of images of one of Pillow's formats."""

    def draw(generator: np.random.Generator) -> bytes:
        stream, channels = io.BytesIO(), int(generator.choice((1, 3)))
        Image.fromarray(draw_pixels(generator, channels)).save(stream, kind)
        return stream.getvalue()

    return draw


def write_idx(generator: np.random.Generator, labels: bool = False) -> bytes:
    if labels:
        return struct.pack(">HBBI", 0, 8, 1, COUNT) + bytes(number % 2 for number in range(COUNT))
    head = struct.pack(">HBBIII", 0, 8, 3, COUNT, SIDE, SIDE)
    return head + generator.integers(0, 256, COUNT * SIDE * SIDE, dtype=np.uint8).tobytes()


def write_npy(generator: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.stack([draw_pixels(generator) for _ in range(COUNT)]))
    return stream.getvalue()


def write_npz(generator: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    inputs = np.stack([draw_pixels(generator) for _ in range(COUNT)])
    save = np.savez_compressed if generator.random() < 0.5 else np.savez
    save(stream, x=inputs, y=np.arange(COUNT) % 2)
    return stream.getvalue()


def write_csv(generator: np.random.Generator) -> bytes:
    lines = ["file,label", *(f"{label}/{number}.png,{label}" for label in CLASSES for number in range(COUNT))]
    return "\n".join(lines).encode()


def list_images(generator: np.random.Generator) -> dict[str, bytes]:
    """A folder of class folders."""
    write = write_image("PNG")
    return {f"{label}/{number}.png": write(generator) for label in CLASSES for number in range(COUNT)}


def write_zip(generator: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if generator.random() < 0.5 else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in list_images(generator).items():
            archive.writestr(name, content)
    return stream.getvalue()


def write_tar(generator: np.random.Generator) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=TARS[int(generator.integers(len(TARS)))]) as archive:
        for name, content in list_images(generator).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


IMAGES = {"jpg": "JPEG", "png": "PNG", "bmp": "BMP", "gif": "GIF", "tiff": "TIFF", "webp": "WEBP"}
KINDS: dict[str, Draw] = {
    **{suffix: write_image(kind) for suffix, kind in IMAGES.items()},
    "npy": write_npy,
    "npz": write_npz,
    "idx": write_idx,
    "csv": write_csv,
    "zip": write_zip,
    "tar": write_tar,
}


def place(kind: str, content: bytes, root: Path, generator: np.random.Generator) -> tuple[Path, str]:
    """Put a damaged file among whole ones; the source to load, and what of the file's name a complaint must hold."""
    name = f"harmed.{kind}"
    if kind in IMAGES:
        name = f"cat/harmed.{kind}"
        write_all(root, {**list_images(generator), name: content})
        return root, name
    if kind == "csv":
        write_all(root, {**list_images(generator), "labels.csv": content})
        return root, "labels.csv"
    if kind == "idx":
        name = "train-images-idx3-ubyte"
        write_all(root, {name: content, "train-labels-idx1-ubyte": write_idx(generator, labels=True)})
        return root, name
    if kind == "npy":
        stream = io.BytesIO()
        np.save(stream, np.arange(COUNT) % 2)
        write_all(root, {"x.npy": content, "y.npy": stream.getvalue()})
        return root, "x"
    write_all(root, {name: content})
    return root / name, name.split(".")[0]


def count_samples(kind: str) -> int | None:
    """The samples of an undamaged source; None where damage may change their number unseen (lines of a table)."""
    whole = {"zip": 2 * COUNT, "tar": 2 * COUNT, "npz": COUNT, "npy": COUNT, "idx": COUNT}
    return 2 * COUNT + 1 if kind in IMAGES else whole.get(kind)


def write_all(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
