"""Clips to read in tests: a bright square that moves over a dark ground, written as a video, a gif or pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


def draw_moving(frames: int, step: int = 1, side: int = 32, colour: Sequence[int] = (255, 255, 255)) -> Bytes:
    """[frames, side, side, 3]: frame t has the square at column (4 + t * step) and a ground of brightness 4 * t."""
    clip = np.zeros((frames, side, side, 3), np.uint8)
    for t in range(frames):
        clip[t] = min(4 * t, 120)
        left = (4 + t * step) % (side - 8)
        clip[t, 12:20, left : left + 8] = colour
    return clip


def write_video(path: Path, clip: Bytes, rate: int = 25, codec: str = "mpeg4") -> Path:
    """Write with PyAV; the test is skipped where it isn't installed."""
    av = pytest.importorskip("av", reason="PyAV (the extra `video`) isn't installed")
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = clip.shape[1:3]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.bit_rate = 2_000_000
        for frame in clip:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_gif(path: Path, clip: Bytes, milliseconds: int | Sequence[int] = 40) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = (Image.fromarray(frame) for frame in clip)
    first.save(path, save_all=True, append_images=rest, duration=milliseconds, loop=0)
    return path


def write_frames(folder: Path, clip: Bytes, stem: str = "", first: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(clip, start=first):
        Image.fromarray(frame).save(folder / f"{stem}{number}.png")
    return folder
