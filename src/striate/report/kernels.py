"""The kernels of the first convolution: what the network looks for in the raw input."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from striate.report.markup import element
from striate.report.pictures import draw_wave
from striate.report.pixels import encode_png, merge_channels, take_middle

MOST = 64


def draw_kernels(weight: NDArray[np.floating[Any]]) -> Markup:
    """Draw kernels [out, in, *size], the first `MOST` of them, each scaled by its own largest weight.

    Grey stands for 0. Three input channels are shown as colours, any other number by the mean. 1-D kernels are curves
    with a line a channel (the mean when there are more than 3); kernels of three and more axes show their middle slice.
    """
    shown = weight[:MOST].astype(np.float64)
    if weight.ndim <= 3:
        tiles = [_draw_curve(kernel.reshape(weight.shape[1], -1), f"kernel {i}") for i, kernel in enumerate(shown)]
    else:
        tiles = [_draw_tile(kernel) for kernel in shown]
    return element("div", tiles, class_="kernels", role="img", aria_label=describe_kernels(weight))


def describe_kernels(weight: NDArray[np.floating[Any]]) -> str:
    """Say in a sentence what the picture shows.

    >>> describe_kernels(np.zeros((96, 1, 5, 5)))
    'The first 64 of 96 kernels of 5 × 5, each scaled by its own largest weight; mid-grey is 0.'
    """
    count, channels, *size = weight.shape
    which = f"The first {MOST} of {count}" if count > MOST else f"All {count}"
    text = f"{which} kernels of {' × '.join(map(str, size))}"
    if len(size) > 2:
        text += ", their middle slices"
    if channels == 3 and len(size) > 1:
        text += ", the three input channels as red, green and blue"
    elif channels > 3 or (channels == 2 and len(size) > 1):
        text += f", the mean over {channels} input channels"
    zero = "the rule" if len(size) < 2 else "mid-grey"
    return f"{text}, each scaled by its own largest weight; {zero} is 0."


def _draw_tile(kernel: NDArray[np.float64]) -> Markup:
    shown = merge_channels(take_middle(kernel, 2))
    largest = np.abs(shown).max(initial=0) or 1.0
    pixels = np.round(127.5 + 127.5 * shown / largest).astype(np.uint8)
    height, width = pixels.shape[:2]
    return element("img", src=encode_png(pixels), alt="", width=width, height=height, class_="pixels")


def _draw_curve(kernel: NDArray[np.float64], label: str) -> Markup:
    lines = kernel if len(kernel) <= 3 else kernel.mean(axis=0, keepdims=True)
    return draw_wave(lines, label, class_="wave kernel", zero=True)
