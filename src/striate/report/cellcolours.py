"""A colour for each class of cells: far apart in hue, light and dark in turn; what is background has none."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
FIRST = ((31, 119, 200), (232, 119, 34), (44, 150, 74), (214, 66, 105), (140, 92, 196), (196, 166, 30), (23, 160, 168))
TURN = 0.381966  # of the golden angle: hues that come one after another never lie close
SHADES = ((0.75, 0.80), (0.55, 0.95), (0.85, 0.60))  # saturation and value
BACKGROUND = "background"


def choose_colours(names: Sequence[str]) -> Bytes:
    """A colour for each class; black for one that is called background.

    Shape: uint8 [classes, 3].

    >>> choose_colours(["background", "cat"]).tolist()
    [[0, 0, 0], [31, 119, 200]]
    """
    seen = [name for name in names if name.lower() != BACKGROUND]
    own = {name: _choose(place) for place, name in enumerate(seen)}
    return np.array([own.get(name, (0, 0, 0)) for name in names], np.uint8).reshape(-1, 3)


def _choose(place: int) -> tuple[int, int, int]:
    if place < len(FIRST):
        return FIRST[place]
    saturation, value = SHADES[place % len(SHADES)]
    red, green, blue = colorsys.hsv_to_rgb((place * TURN) % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)
