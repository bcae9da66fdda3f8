"""Scales of a picture's bars: the unit, linear or logarithmic, and the words for both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log2, log10
from typing import Literal, TypeAlias

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from striate.measure.wording import write_bytes

Quantity: TypeAlias = Literal["count", "bytes", "cells"]

PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))
FAINT = 0.02  # a bar shorter than this share of the longest can't be read
ROOM = 0.28  # of the axis's length is added for the numbers at the bars' ends


@dataclass(frozen=True)
class Scale:
    """The axis of one panel."""

    quantity: Quantity
    low: float
    high: float
    logarithmic: bool

    @property
    def word(self) -> str:
        """How lengths are to be read."""
        return "logarithmic" if self.logarithmic else "linear"

    def apply(self, axes: Axes) -> None:
        """Set the limits and ticks of the horizontal axis."""
        if self.logarithmic:
            axes.set_xscale("log", nonpositive="clip")
            axes.set_xlim(self.low, self.low * (self.high / self.low) ** (1 + ROOM))
            axes.set_xticks(self._list_powers())
            axes.xaxis.set_minor_locator(NullLocator())
        else:
            axes.set_xlim(0, self.high * (1 + ROOM))
            axes.set_xticks(self._list_multiples())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: write_quantity(value, self.quantity)))

    def _list_powers(self) -> list[float]:
        """List powers of ten, or of two for bytes, evenly apart, about four."""
        base, power_of = (2, log2) if self.quantity == "bytes" else (10, log10)
        first, last = ceil(power_of(self.low)), floor(power_of(self.high))
        apart = max(1, round((last - first) / 4))
        return [float(base) ** power for power in range(first + -first % apart, last + 1, apart)]

    def _list_multiples(self) -> list[float]:
        """List multiples of one round number, of a power of two for bytes, about four."""
        end = self.high * (1 + ROOM)
        if self.quantity == "bytes":
            apart = 2 ** max(0, ceil(log2(self.high / 4)))
            return [float(apart * place) for place in range(int(end / apart) + 1)]
        locator = MaxNLocator(4, steps=[1, 2, 4, 5, 8, 10], integer=True)
        return [float(tick) for tick in locator.tick_values(0, self.high) if 0 <= tick <= end]


def choose_scale(values: Sequence[float], quantity: Quantity) -> Scale:
    """Choose the axis for bars of these lengths: logarithmic where half of them could not be read on a linear one.

    >>> choose_scale([3, 4, 5, 0], "count").word, choose_scale([10, 1_000_000], "count").word
    ('linear', 'logarithmic')
    """
    seen = [value for value in values if value > 0]
    if not seen:
        return Scale(quantity, 0, 1, False)
    high = max(seen)
    steep = 2 * sum(value < FAINT * high for value in seen) >= len(seen)
    return Scale(quantity, min(seen) / 2 if steep else 0, high, steep)


def write_quantity(value: float, quantity: Quantity) -> str:
    """Write a number with its unit, in three digits or so.

    >>> write_quantity(4_089_184_256, "count"), write_quantity(1536, "bytes"), write_quantity(427, "cells")
    ('4.09 G', '1.5 KiB', '427')
    """
    if quantity == "bytes":
        return write_bytes(round(value))
    if quantity == "cells":
        return f"{value:,.0f}"
    size, prefix = next((pair for pair in PREFIXES if value >= 0.9995 * pair[0]), PREFIXES[-1])
    return f"{float(f'{value / size:.3g}'):,g} {prefix}".rstrip()
