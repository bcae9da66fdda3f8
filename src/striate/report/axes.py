"""Axes: where a value goes on the drawing, and which values are written beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor, inf, isfinite, log10

from markupsafe import Markup

from striate.report.markup import element


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` laid from `start` to `end`, linearly or by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Give the coordinate of a value; NaN for one that has none.

        >>> Axis(0, 10, 100, 200).place(5), Axis(1, 100, 0, 2, logarithmic=True).place(10)
        (150.0, 1.0)
        """
        if not isfinite(value) or (self.logarithmic and value <= 0):
            return float("nan")
        low, high, at = (log10(v) if self.logarithmic else v for v in (self.low, self.high, value))
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def ticks(self, count: int = 5, integer: bool = False) -> list[float]:
        """Choose round values within the axis, about `count` of them.

        >>> Axis(0, 10, 0, 1).ticks(), Axis(0.05, 20, 0, 1, logarithmic=True).ticks()
        ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [0.1, 1.0, 10.0])
        """
        if self.logarithmic:
            return self._decades(count)
        if not self.high > self.low:
            return [self.low]
        step, slack = choose_step((self.high - self.low) / count, whole=integer), (self.high - self.low) * 1e-9
        first, last = ceil((self.low - slack) / step), floor((self.high + slack) / step)
        return [float(f"{number * step:.12g}") for number in range(first, last + 1)]

    def _decades(self, count: int) -> list[float]:
        powers = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        fine = [m * 10.0**p for p in powers for m in (1, 2, 5) if self.low <= m * 10.0**p <= self.high]
        whole = [10.0**p for p in powers if self.low <= 10.0**p <= self.high]
        chosen = fine if len(whole) < 3 and len(fine) <= count + 1 else whole
        return chosen[:: ceil(len(chosen) / (count + 1))] if chosen else []


def choose_step(least: float, *, whole: bool = False) -> float:
    """The round number that is as large or larger: 1, 2, 2.5 or 5 times a power of ten.

    >>> choose_step(0.003), choose_step(21), choose_step(0.3, whole=True), choose_step(2.1, whole=True)
    (0.005, 25.0, 1.0, 5.0)
    """
    least = max(least, 1.0) if whole else least
    power = 10.0 ** floor(log10(least))
    rounds = [factor * power for factor in (1, 2, 2.5, 5, 10)]
    return next(step for step in rounds if step >= least * (1 - 1e-9) and not (whole and step % 1))


def fit_axis(
    values: Iterable[float], start: float, end: float, *, logarithmic: bool = False, most: float = inf
) -> Axis:
    """Fit an axis around the finite values, with a little air, but never past `most`.

    >>> fit_axis([3.0], 0, 1)
    Axis(low=2.5, high=3.5, start=0, end=1, logarithmic=False)
    """
    finite = [v for v in values if isfinite(v) and not (logarithmic and v <= 0)]
    if not finite:
        return Axis(1.0 if logarithmic else 0.0, 10.0 if logarithmic else 1.0, start, end, logarithmic)
    low, high = min(finite), max(finite)
    if logarithmic:
        air = (high / low) ** 0.04 if high > low else 2.0
        return Axis(low / air, high * air, start, end, True)
    air = (high - low) * 0.04 or abs(high) * 0.5 / 3 or 0.5
    return Axis(low - air, min(high + air, most), start, end)


def draw_axes(
    x: Axis,
    y: Axis,
    x_title: str,
    *,
    write_x: Callable[[float], str],
    write_y: Callable[[float], str],
    whole: bool = False,
) -> list[Markup]:
    """Draw faint rules at y's ticks, the base line, both rows of numbers, and the x axis's title.

    `whole` keeps x to integers. The y axis runs upwards: its `start` is the bottom.
    """
    parts = []
    for value in y.ticks():
        at = y.place(value)
        parts.append(element("line", x1=x.start, x2=x.end, y1=at, y2=at, class_="rule"))
        parts.append(element("text", write_y(value), x=x.start - 6, y=at + 4, class_="tick end"))
    parts.append(element("line", x1=x.start, x2=x.end, y1=y.start, y2=y.start, class_="base"))
    for value in x.ticks(6, integer=whole):
        at = x.place(value)
        parts.append(element("line", x1=at, x2=at, y1=y.start, y2=y.start + 4, class_="base"))
        parts.append(element("text", write_x(value), x=at, y=y.start + 17, class_="tick middle"))
    middle = (x.start + x.end) / 2
    parts.append(element("text", x_title, x=middle, y=y.start + 33, class_="tick middle"))
    return parts
