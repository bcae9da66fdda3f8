"""One sample of any dimension as a small picture: a curve for 1-D, an image for 2-D, some slices for more."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.report.axes import Axis
from striate.report.heats.sounds import encode_wav
from striate.report.markup import draw_path, draw_svg, element
from striate.report.pixels import encode_png, merge_channels, shrink, take_middle
from striate.report.strips import lay_slices, to_bytes

LONGEST = 256  # larger images are shrunk to this, or a page of photos would weigh too much
SMALL = 96  # up to this many pixels a side, an image is enlarged with its pixels kept square
WIDTH, HEIGHT = 160, 96


def draw_sample(sample: NDArray[Any], label: str, rate: int | None = None) -> Markup:
    """Draw one sample [C, *extents], dark to light as its numbers run from 0 to 255; `label` says what it is.

    Four or more channels are shown by their mean, and so are two. Of a clip or a volume some slices along its first
    axis are laid side by side. With a `rate` a sample of one axis is a sound of so many samples a second, of 16 bits,
    and gets a player.
    """
    if rate is not None and sample.ndim == 2:
        player = element("audio", controls="", preload="none", src=encode_wav(hear(sample), rate), aria_label=label)
        return element("div", [draw_wave(sample, label, zero=True), player], class_="heard")
    if sample.ndim <= 2:
        return draw_wave(sample.reshape(1, -1) if sample.ndim < 2 else sample, label)
    flat = to_bytes(sample)
    several = sample.ndim > 3
    flat = lay_slices(take_middle(flat, 3)) if several else flat
    pixels = shrink(np.clip(merge_channels(flat).round(), 0, 255).astype(np.uint8), (1 + several) * LONGEST)
    height, width = pixels.shape[:2]
    small = "pixels" if max(sample.shape[-2:]) <= SMALL else None
    return element("img", src=encode_png(pixels), alt=label, width=width, height=height, class_=small)


def hear(sample: NDArray[Any]) -> NDArray[np.float64]:
    """The mean of a sound's channels, of 16 bits, from -1 to 1: what is played."""
    return np.asarray(sample.mean(axis=0, dtype=np.float64) / 32768)


def draw_wave(sample: NDArray[Any], label: str, class_: str = "wave", zero: bool = False) -> Markup:
    """Draw [C, length] as one curve a channel; a long one by the lowest and highest value under each point.

    `zero` makes the scale symmetric and rules its middle.
    """
    values = np.nan_to_num(sample.astype(np.float64), posinf=0, neginf=0)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if zero:
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    if high == low:
        low, high = low - 1, high + 1
    y = Axis(low, high, HEIGHT - 4, 4)
    rule = [element("line", x1=0, x2=WIDTH, y1=y.place(0), y2=y.place(0), class_="rule")] if zero else []
    curves = [draw_path(_trace(channel, y), "line") for channel in values]
    return draw_svg(WIDTH, HEIGHT, label, [*rule, *curves], class_=class_)


def _trace(channel: NDArray[np.float64], y: Axis) -> list[tuple[float, float]]:
    if len(channel) > 2 * WIDTH:
        parts = np.array_split(channel, WIDTH)
        heights = [value for part in parts for value in (float(part.min()), float(part.max()))]
        return [(index // 2 + 0.5, y.place(value)) for index, value in enumerate(heights)]
    step = (WIDTH - 4) / max(len(channel) - 1, 1)
    points = [(2 + index * step, y.place(float(value))) for index, value in enumerate(channel)]
    return points if len(points) != 1 else [points[0], (WIDTH - 2.0, points[0][1])]
