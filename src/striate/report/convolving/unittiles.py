"""The parts of a unit's drawing: a map with its values' span below it, and a kernel with its size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.explain.convolving.sums import Summed, UnitSum
from striate.report.convolving.stencils import draw_stencil
from striate.report.convolving.tones import Tone, choose_tone, make_pixels
from striate.report.convolving.waves import draw_waves
from striate.report.palette import BLUE, QUIET, RULE
from striate.report.picture import SMALL, Picture, shorten_text

COLOURS = ("red", "green", "blue")
SMOOTH = 96  # pixels a side, past which they aren't meant to be told apart

Place = tuple[float, float, float, float]
"""Left, top, width and height, in inches from the sheet's upper left corner."""


def choose_unit_tone(unit: UnitSum) -> Tone:
    """One scale for a unit's parts and its output, so that they can be compared."""
    together: NDArray[Any] = np.concatenate([unit.parts.numpy().reshape(-1), unit.output.numpy().reshape(-1)])
    return choose_tone(together, signed=True)


def name_channel(found: Summed, channel: int) -> str:
    """A channel's colour where the layer sees the picture itself, else its number."""
    coloured = len(found.inputs) == len(found.before) == len(COLOURS) and found.inputs.shape == found.before.shape
    return COLOURS[channel] if coloured else f"channel {channel}"


def write_span(values: NDArray[Any]) -> str:
    """The lowest and the highest value, in two digits.

    >>> write_span(np.array([-1.234, 5.0]))
    '−1.2 to 5'
    """
    if not values.size:
        return "empty"
    return " to ".join(f"{float(value):.2g}".replace("-", "−") for value in (values.min(), values.max()))


def place_stencil(picture: Picture, kernel: NDArray[Any], most: float, place: Place, said: str | None = None) -> None:
    """Draw a kernel with its numbers, below it a line of text: its size where nothing else is said."""
    left, top, width, height = place
    axes = picture.place(left, picture.height - top - height, width, height)
    axes.set_anchor("NW")
    drawn = width if kernel.ndim == 1 else min(width, height * kernel.shape[-1] / kernel.shape[-2])
    divisor = draw_stencil(axes, kernel, drawn, most)
    text = f"kernel {' × '.join(map(str, kernel.shape))} {divisor}".strip() if said is None else said
    picture.write(left, top + height + 0.03, shorten_text(text, width, SMALL), SMALL, color=QUIET)


def draw_map(picture: Picture, values: NDArray[Any], tone: Tone, place: Place, said: str) -> None:
    """Draw a map [*extents] in grey, a series as a line over its own span, and a line of text below it."""
    left, top, width, height = place
    axes = picture.place(left, picture.height - top - height, width, height)
    axes.set_anchor("NW")
    drawn = height
    if values.ndim == 1:
        axes.axhline(0, color=RULE, linewidth=0.6)
        draw_waves(axes, values[None], None, BLUE)
        low, high = float(values.min()), float(values.max())
        room = 0.08 * (high - low) or 1.0
        axes.set(xlim=(0, max(len(values) - 1, 1)), ylim=(low - room, high + room))
    else:
        pixels = make_pixels(values[None], tone)
        smooth = max(pixels.shape[:2]) > SMOOTH
        style: Any = {"cmap": "gray", "vmin": 0, "vmax": 255, "interpolation": "antialiased" if smooth else "nearest"}
        axes.imshow(pixels, **style)
        drawn = min(height, width * pixels.shape[0] / pixels.shape[1])
    axes.set_xticks([])
    axes.set_yticks([])
    picture.write(left, top + drawn + 0.03, shorten_text(said, width, SMALL), SMALL, color=QUIET)
