"""One animated picture (gif) by Pillow: how long it is, and its frames with their starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from striate.data.frames import Span
from striate.data.images import open_image, to_mode
from striate.data.part import Bytes

SLOW_SECONDS = 0.1  # how long a frame without a duration is shown, as browsers do


def is_animated(stream: BinaryIO) -> bool:
    """Tell whether a picture has more than one frame; one that can't be read has none."""
    try:
        with open_image(stream) as image:
            return bool(getattr(image, "is_animated", False))
    except Exception:  # Pillow raises almost anything on damaged files
        return False


def read_animation_span(stream: BinaryIO) -> Span:
    """Read how long an animation is from its frames' durations. Raises: whatever Pillow raises for a damaged one."""
    seconds, frames = 0.0, 0
    with open_image(stream) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            seconds += _read_duration(image.info)
            frames += 1
    return Span(seconds, frames)


def iterate_animation(stream: BinaryIO) -> Iterator[tuple[float, Bytes]]:
    """Give an animation's frames as they are shown, on white: (start in seconds, [H, W, 3])."""
    start = 0.0
    with open_image(stream) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            yield start, np.asarray(to_mode(image.copy(), "RGB"))
            start += _read_duration(image.info)


def _read_duration(info: dict[str | tuple[int, int], object]) -> float:
    milliseconds = info.get("duration")
    return float(milliseconds) / 1000 if isinstance(milliseconds, int | float) and milliseconds > 0 else SLOW_SECONDS
