"""Digits on a black canvas, at known places and sizes; and scraps: windows that show no digit, or part of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.data import load_dataset
from striate.locate import Place

Bytes = NDArray[np.uint8]
SIDE, MARGIN = 8, 2
WINDOW = SIDE + 2 * MARGIN
DIGITS = load_dataset("digits")
assert DIGITS.test is not None
TEST = DIGITS.test
NOTHING = "10"
TEXT = "conv3-16 pad=valid, relu, conv3-32/2 pad=valid, relu, flatten, fc-classes"


@dataclass(frozen=True)
class Pasted:
    """One digit on a canvas."""

    label: str
    top: int
    left: int
    size: int

    def is_at(self, place: Place) -> bool:
        """Whether a place has the digit's class, its middle within a quarter of its size, and about its size."""
        middles = zip(place.start, place.extents, (self.top, self.left), strict=True)
        near = all(abs(start + side / 2 - first - self.size / 2) <= self.size / 4 for start, side, first in middles)
        ratio = place.extents[0] * SIDE / WINDOW / self.size
        return near and place.label == self.label and 0.6 < ratio < 1.6


def enlarge(digit: Bytes, size: int) -> Bytes:
    """A digit [1, 8, 8] at another size."""
    return np.asarray(Image.fromarray(digit[0]).resize((size, size), Image.Resampling.BICUBIC))[None]


def paste(digits: list[tuple[Bytes, str, int]], columns: int = 5, seed: int = 0) -> tuple[Bytes, list[Pasted]]:
    """A canvas [1, height, width] with digits (pixels, class, size), one in each field of 26 x 26 cells."""
    rng, pasted = np.random.default_rng(seed), []
    canvas = np.zeros((1, 26 * -(-len(digits) // columns), 26 * columns), np.uint8)
    for number, (digit, label, size) in enumerate(digits):
        top, left = (26 * place + int(rng.integers(2, 24 - size)) for place in divmod(number, columns))
        canvas[:, top : top + size, left : left + size] = enlarge(digit, size)
        pasted.append(Pasted(label, top, left, size))
    return canvas, pasted


def make_training(scraps: int = 2000) -> tuple[Any, Any]:
    """Digits with a margin, and scraps as an eleventh class."""
    rng, inputs = np.random.default_rng(0), DIGITS.train.inputs
    found: list[Bytes] = []
    while len(found) < scraps:
        size, around = int(rng.choice([6, 8, 11, 16, 23])), 40
        top, left = rng.integers(0, around - size, 2)
        canvas = np.zeros((1, around, around), np.uint8)
        canvas[:, top : top + size, left : left + size] = enlarge(inputs[rng.integers(len(inputs))], size)
        first, second = rng.integers(0, around - WINDOW, 2)
        away = max(abs(first + (WINDOW - size) / 2 - top), abs(second + (WINDOW - size) / 2 - left))
        scrap = canvas[:, first : first + WINDOW, second : second + WINDOW]
        if np.ptp(scrap) > 40 and (away >= 4 or not 5 < size < 12):
            found.append(scrap)
    margins = ((0, 0), (0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))
    labels = np.concatenate([DIGITS.train.labels, np.full(scraps, int(NOTHING))])
    return np.concatenate([np.pad(inputs, margins), np.stack(found)]), labels
