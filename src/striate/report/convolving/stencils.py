"""A kernel drawn with its numbers: cells of grey, zero in the middle; of one axis, stems."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from striate.report.palette import BLUE, INK, QUIET, RULE
from striate.report.picture import SMALL, measure_width

Floats = NDArray[np.float64]

DIVISORS = (*range(1, 33), 36, 48, 49, 64, 81, 100, 121, 128, *(2**power for power in range(8, 25)))
LEAST_SIZE = 4.5  # points: below that nobody reads a number


def find_divisor(values: NDArray[Any]) -> int:
    """The smallest number that makes whole numbers of all values; 0 where none is found.

    >>> find_divisor(np.array([0.0625, 0.25, 0.375])), find_divisor(np.array([0.1234567, 1.0]))
    (16, 0)
    """
    most = float(np.abs(values).max(initial=0))
    for divisor in map(int, DIVISORS):
        scaled = values * divisor
        if most * divisor > 1e6:
            return 0
        if np.abs(scaled - scaled.round()).max(initial=0) < 1e-7:
            return divisor
    return 0


def write_numbers(values: NDArray[Any]) -> tuple[list[str], str]:
    """Each number, and what they all are to be divided by: whole numbers if possible, else two digits of the largest.

    >>> write_numbers(np.array([0.25, 0.5, 0.25]))
    (['1', '2', '1'], '÷ 4')
    """
    divisor = find_divisor(values)
    if not divisor:
        decimals = max(0, min(3, 1 - math.floor(math.log10(float(np.abs(values).max())))))
        return [_write_number(value, decimals) for value in values.flatten()], ""
    whole = (values * divisor).round().astype(np.int64).flatten()
    return [str(value).replace("-", "−") for value in whole], f"÷ {divisor}" if divisor > 1 else ""


def _write_number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    if not float(text):
        return "0" if abs(value) < 1e-12 else text.lstrip("-")[1:] or "0"
    return text.removeprefix("0") if text.startswith("0.") else text.replace("-0.", "−.").replace("-", "−")


def draw_stencil(axes: Axes, kernel: NDArray[Any], width: float, most: float | None = None) -> str:
    """Draw a kernel [*size] into axes so many inches wide, its numbers in its cells; give what they are divided by.

    Of three and more axes the middle slice is drawn. `most` is the weight that is drawn white, its own largest if left
    out; where the cells are too small for their numbers, they bear none.
    """
    values = np.asarray(kernel, dtype=np.float64)
    while values.ndim > 2:
        values = values[values.shape[0] // 2]
    if values.ndim == 1:
        return _draw_stems(axes, values, width, most)
    scale = most or float(np.abs(values).max(initial=0)) or 1.0
    style: Any = {"cmap": "gray", "vmin": -scale, "vmax": scale, "aspect": "equal", "interpolation": "nearest"}
    axes.imshow(values, **style)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set(visible=True, color=RULE, linewidth=0.6)
    texts, divisor = write_numbers(values)
    longest = max(texts, key=len)
    size = min(9.0, SMALL * 0.86 * width / values.shape[1] / max(measure_width(longest, SMALL), 0.01))
    if size < LEAST_SIZE:
        return ""
    for place, text in enumerate(texts):
        row, column = divmod(place, values.shape[1])
        colour = INK if values[row, column] > -0.25 * scale else "white"
        style = {"ha": "center", "va": "center_baseline", "color": colour, "parse_math": False}
        axes.text(column, row, text, fontsize=size, **style)
    return divisor


def _draw_stems(axes: Axes, values: Floats, width: float, most: float | None) -> str:
    places = np.arange(len(values))
    axes.axhline(0, color=RULE, linewidth=0.8)
    axes.vlines(places, 0, values, color=BLUE, linewidth=1.2)
    axes.plot(places, values, "o", color=BLUE, markersize=3)
    low, high = (-most, most) if most else (min(0.0, float(values.min())), max(0.0, float(values.max())))
    room = 0.3 * ((high - low) or 1)
    axes.set(xlim=(-0.7, len(values) - 0.3), ylim=(low - room, high + room), xticks=[], yticks=[])
    texts, divisor = write_numbers(values)
    if max(measure_width(text, SMALL) for text in texts) > 0.9 * width / (len(values) + 0.4):
        return ""
    for place, text in enumerate(texts):
        below = values[place] < 0
        style: Any = {"ha": "center", "va": "top" if below else "bottom", "color": QUIET, "parse_math": False}
        axes.annotate(
            text, (place, values[place]), (0, -4 if below else 4), textcoords="offset points", fontsize=SMALL, **style
        )
    return divisor
