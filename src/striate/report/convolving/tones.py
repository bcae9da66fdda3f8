"""Which value is black and which is white, said beside the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.report.pixels import Bytes, shrink

MOST = 99.0  # per cent of the values lie within a signed scale: one bright spot shall not make all else grey
LARGEST = 900  # of a drawn picture's sides, in pixels


@dataclass(frozen=True)
class Tone:
    """`low` is black, `high` white."""

    low: float
    high: float
    signed: bool = False
    beyond: float = 0.0
    """The share of the values that lie outside."""

    @property
    def said(self) -> str:
        """The scale in words."""
        text = f"{write_value(self.low)} to {write_value(self.high)}{', grey 0' * self.signed}"
        return f"{text}; {max(0.1, 100 * self.beyond):.2g} % beyond" if self.beyond else text

    def to_bytes(self, values: NDArray[Any]) -> Bytes:
        """Values as bytes, what lies beyond at the end."""
        scaled = (np.asarray(values, dtype=np.float64) - self.low) / ((self.high - self.low) or 1.0)
        return np.asarray(np.clip(scaled * 255, 0, 255).round(), np.uint8)


def choose_tone(values: NDArray[Any], plain: tuple[float, float] | None = None, *, signed: bool) -> Tone:
    """A scale for values: symmetric about 0 where signed; `plain` where it is given; else from lowest to highest."""
    if not values.size:
        return Tone(0.0, 1.0)
    if signed:
        size = np.abs(values)
        most = float(np.percentile(size, MOST)) or float(size.max()) or 1.0
        return Tone(-most, most, True, float((size > most * 1.0001).mean()))
    if plain is not None:
        low, high = plain
        return Tone(low, high, False, float(((values < low - 1e-6) | (values > high + 1e-6)).mean()))
    return Tone(float(values.min()), float(values.max()))


def write_value(value: float) -> str:
    """A number in three digits.

    >>> write_value(-0.12345), write_value(1.0)
    ('−0.123', '1')
    """
    return f"{value:.3g}".replace("-", "−")


def make_pixels(values: NDArray[Any], tone: Tone) -> Bytes:
    """Channels [1 or 3, *extents] as a picture [height, width(, 3)], the middle slice of more than two axes.

    Other numbers of channels are shown by their mean.
    """
    shown = np.asarray(values, dtype=np.float64)
    while shown.ndim > 3:
        shown = shown[:, shown.shape[1] // 2]
    shown = np.moveaxis(shown, 0, -1) if len(shown) == 3 else shown.mean(axis=0)
    return shrink(tone.to_bytes(shown), LARGEST)
