"""One sample as a page shows it, in plain values: pictures as PNG data, curves as points, a sound to play, words.

A clip or a volume is its frames, one after another; a long curve the lowest and the highest value in each column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.levels import expand
from striate.data.words import decode_cells
from striate.report.heats.sounds import encode_wav
from striate.report.pictures import hear
from striate.report.pixels import encode_png, merge_channels, shrink, take_middle
from striate.report.strips import choose_slices, to_bytes
from striate.report.wording import pick_told

LONGEST, SMALL = 512, 96  # sides in pixels: of a picture, and of a thumbnail
FRAMES, COLUMNS = 32, 320
CURVES, MOST_WORDS = 6, 2000


@dataclass(frozen=True)
class Media:
    """What there is to see and hear of one array, and what it is called.

    `frames` are data URIs, one of a picture; of a small one the `pixels` are to stay square. `curves` hold for each
    channel the lowest and highest values by column, between `low` and `high`; `sound` is a data URI.
    """

    title: str = ""
    frames: tuple[str, ...] = ()
    pixels: bool = False
    curves: tuple[tuple[tuple[float, float], ...], ...] = ()
    low: float = 0.0
    high: float = 1.0
    sound: str | None = None
    words: tuple[str, ...] = ()


def make_media(
    sample: NDArray[Any],
    title: str = "",
    *,
    reading: Mapping[str, Any] | None = None,
    rate: int | None = None,
    small: bool = False,
) -> Media:
    """Show a sample [C, *extents] as it was read; `small` for one of a list: one frame, few columns, no sound."""
    if reading is not None and reading.get("kind") == "words":
        words = decode_cells(sample, reading)
        return Media(title, words=tuple(words[: 40 if small else MOST_WORDS]))
    if sample.ndim <= 2:
        return make_curves(pick_told(sample, reading) if sample.ndim == 2 else sample[None], title, rate, small=small)
    return make_frames(sample, title, small=small)


def make_curves(values: NDArray[Any], title: str, rate: int | None, *, small: bool = False) -> Media:
    """Show [C, length] as curves; with a `rate` as a sound, about 0 and with a player."""
    heard = values if rate is None or values.dtype != np.uint8 else np.rint(expand(values) * 32767)
    real = np.nan_to_num(heard[:CURVES].astype(np.float64), posinf=0, neginf=0)
    low, high = (float(real.min()), float(real.max())) if real.size else (0.0, 0.0)
    if rate is not None:
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    if low == high:
        low, high = low - 1, high + 1
    curves = tuple(_trace(row, COLUMNS // 3 if small else COLUMNS) for row in real)
    sound = None if rate is None or small else encode_wav(hear(heard.astype(np.float64)), rate)
    return Media(title, curves=curves, low=low, high=high, sound=sound)


def _trace(row: NDArray[np.float64], columns: int) -> tuple[tuple[float, float], ...]:
    """The lowest and the highest value in each column; a short row's own values.

    >>> _trace(np.array([1.0, 3.0, 2.0, 0.0]), 2)
    ((1.0, 3.0), (0.0, 2.0))
    """
    parts = np.array_split(row, min(columns, max(1, len(row))))
    return tuple((float(part.min()), float(part.max())) for part in parts if len(part))


def make_frames(sample: NDArray[Any], title: str = "", *, small: bool = False) -> Media:
    """Show [C, H, W] as a picture, [C, T, H, W] as frames; of more axes the middle. Floats are from 0 to 255."""
    flat = take_middle(to_bytes(sample), 3)
    if flat.dtype.kind == "f" and flat.size and (flat.min() < 0 or flat.max() > 255):  # of another scale
        low, high = float(flat.min()), float(flat.max())
        flat = (flat - low) * (255 / ((high - low) or 1.0))
    count = flat.shape[1] if flat.ndim > 3 else 0
    slices = [flat[:, place] for place in choose_slices(count, 1 if small else FRAMES)] if count else [flat]
    return show_pixels([np.clip(merge_channels(each).round(), 0, 255) for each in slices], title, small=small)


def show_pixels(pictures: list[NDArray[Any]], title: str = "", *, small: bool = False) -> Media:
    """Show pictures [H, W] or [H, W, 3] as they are, shrunk to what a page has room for."""
    longest = SMALL if small else LONGEST
    shrunk = [shrink(np.clip(np.rint(each), 0, 255).astype(np.uint8), longest) for each in pictures]
    square = max(max(each.shape[:2]) for each in pictures) <= SMALL
    return Media(title, frames=tuple(map(encode_png, shrunk)), pixels=square)
