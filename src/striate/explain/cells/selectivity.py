"""How sharply a unit is tuned: what it prefers, how wide its tuning is, as figures of the V1 literature.

All of them read a kernel's amplitude, which is known at every angle and frequency; nothing hangs on a grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from torch import Tensor

from striate.explain.cells.gratings import NYQUIST, answer_kernel, make_gratings

ANGLES, STEPS = 36, 24  # of the grid on which the search begins; more steps of frequency for large kernels
CURVE = tuple(5.0 * step for step in range(36))
"""The angles of an orientation tuning curve."""
LOWEST = 1 / 256  # cycles per cell: below that, a frequency counts as none


@dataclass(frozen=True)
class Preference:
    """What a kernel answers most, and how fast that falls away.

    `angle` is of the bars, in degrees, `frequency` in cycles per cell (0 where the kernel is a low-pass filter, with no
    angle then). `half_width` is the orientation tuning's half width at half height, in degrees, `octaves` the frequency
    tuning's full width at half height. `circular_variance` is 0 for the sharpest and 1 for no orientation tuning;
    `selectivity` compares the preferred orientation with the one across it; `curve` is the amplitude at each of
    `CURVE`. NaN: not defined, or never as low as half.
    """

    angle: float
    frequency: float
    amplitude: float
    half_width: float
    octaves: float
    circular_variance: float
    selectivity: float
    curve: tuple[float, ...] = ()


def find_preference(kernel: Tensor) -> Preference:
    """What a kernel of one or two axes prefers among gratings up to half a cycle per cell.

    Cost:    about 2,000 sums over the kernel.
    Source:  De Valois, Albrecht, Thorell 1982, "Spatial frequency selectivity of cells in macaque visual cortex";
             De Valois, Yund, Hepler 1982, "The orientation and direction selectivity of cells in macaque visual
             cortex"; Ringach, Shapley, Hawken 2002, "Orientation selectivity in macaque V1" (circular variance).
    """
    angle, frequency = _find_peak(kernel)
    amplitude = abs(answer_kernel(kernel, angle, frequency))
    nan = math.nan
    if frequency < LOWEST or amplitude == 0:
        return Preference(nan, 0.0, amplitude, nan, nan, nan, nan)
    octaves = measure_octaves(lambda each: abs(answer_kernel(kernel, angle, each)), frequency)
    if kernel.ndim == 1:
        return Preference(nan, frequency, amplitude, nan, octaves, nan, nan)
    curve = tuple(abs(answer_kernel(kernel, each, frequency)) for each in CURVE)
    width = measure_half_width(lambda each: abs(answer_kernel(kernel, each, frequency)), angle)
    across = abs(answer_kernel(kernel, angle + 90, frequency))
    selectivity = (amplitude - across) / (amplitude + across)
    return Preference(
        angle % 180, frequency, amplitude, width, octaves, measure_circular_variance(curve, CURVE), selectivity, curve
    )


def _find_peak(kernel: Tensor) -> tuple[float, float]:
    """The angle and frequency of the largest amplitude: the best of a grid, then uphill from it."""
    places, waves = _list_waves(tuple(kernel.shape))
    best = places[int(np.abs(waves @ kernel.double().numpy().ravel()).argmax())]

    def descend(place: NDArray[np.float64]) -> float:
        return -abs(answer_kernel(kernel, float(place[0]), float(place[1])))

    bounds = [(best[0] - 180 / ANGLES, best[0] + 180 / ANGLES) if kernel.ndim == 2 else (0.0, 0.0), (0.0, NYQUIST)]
    found = minimize(descend, np.array(best), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-10})
    place = (float(found.x[0]), float(found.x[1])) if -found.fun >= -descend(np.array(best)) else best
    return (place[0] % 180, place[1])


@cache
def _list_waves(size: tuple[int, ...]) -> tuple[list[tuple[float, float]], NDArray[np.complex128]]:
    """A grid of angles and frequencies, and for each the wave that a kernel of this size is summed with."""
    angles = [place * 180 / ANGLES for place in range(ANGLES)] if len(size) == 2 else [0.0]
    steps = max(STEPS, 2 * max(size))
    places = list(product(angles, [NYQUIST * step / steps for step in range(steps + 1)]))
    centre = [(extent - 1) / 2 for extent in size]
    pairs = [make_gratings(size, *place, [0.0, math.pi / 2], centre).flatten(1).numpy() for place in places]
    return places, np.stack([cosine + 1j * sine for cosine, sine in pairs])


def measure_half_width(amplitude: Callable[[float], float], angle: float) -> float:
    """How many degrees off an angle the amplitude is down to half: the mean of both sides, NaN where it never is.

    >>> round(measure_half_width(lambda angle: math.cos(math.radians(angle)) ** 2, 0.0), 6)
    45.0
    """
    half = amplitude(angle) / 2
    sides = [_cross(lambda off, way=way: amplitude(angle + way * off) - half, 1.0, 90.0) for way in (-1, 1)]  # type: ignore[misc]
    known = [side for side in sides if side is not None]
    return sum(known) / 2 if len(known) == 2 else math.nan


def measure_octaves(amplitude: Callable[[float], float], frequency: float) -> float:
    """How many octaves lie between the frequencies below and above at which the amplitude is half; NaN without both."""
    half = amplitude(frequency) / 2
    below = _cross(lambda octaves: amplitude(frequency / 2**octaves) - half, 0.05, 8.0)
    above = _cross(lambda octaves: amplitude(frequency * 2**octaves) - half, 0.05, math.log2(NYQUIST / frequency))
    return math.nan if below is None or above is None else below + above


def _cross(excess: Callable[[float], float], step: float, end: float) -> float | None:
    """Where a function that begins above 0 first crosses it, looking every `step`; None where it doesn't by the end."""
    start = 0.0
    while start < end:
        stop = min(start + step, end)
        if excess(stop) <= 0:
            return float(brentq(excess, start, stop, xtol=1e-10))
        start = stop
    return None


def measure_circular_variance(answers: Sequence[float], angles: Sequence[float]) -> float:
    """One less the length of the mean of answers as vectors at twice their angles, over evenly spaced angles.

    >>> measure_circular_variance([1, 0, 0, 0], [0, 45, 90, 135]), round(measure_circular_variance([2, 2], [0, 90]), 6)
    (0.0, 1.0)
    """
    total = sum(answers)
    if total <= 0:
        return math.nan
    vectors = [answer * np.exp(2j * math.radians(angle)) for answer, angle in zip(answers, angles, strict=True)]
    return 1 - float(abs(sum(vectors))) / total
