"""Gabor functions, a wave under a Gaussian window, and the one that fits a kernel best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from striate.explain.cells.gratings import NYQUIST

Floats = NDArray[np.float64]
GABOR_LIKE = 0.7
"""The adjusted R^2 from which on a kernel counts as a Gabor function."""
NARROWEST = 0.35  # of a window, in cells


@dataclass(frozen=True)
class Gabor:
    """A Gabor function fitted to a kernel.

    `centre` and `widths` (standard deviations, across the bars and along them) are in cells, `angle` of the bars in
    degrees, `frequency` in cycles per cell, `phase` in radians (0: even about the centre). `r2` is the share
    of the kernel's variance that it explains, `adjusted` the same less what its parameters explain of anything.
    """

    centre: tuple[float, ...]
    widths: tuple[float, ...]
    angle: float
    frequency: float
    phase: float
    amplitude: float
    r2: float
    adjusted: float
    values: Floats

    @property
    def is_good(self) -> bool:
        """Whether the kernel counts as a Gabor function."""
        return self.adjusted >= GABOR_LIKE


def count_parameters(axes: int) -> int:
    """How many numbers a Gabor function of one or two axes has.

    >>> count_parameters(1), count_parameters(2)
    (5, 8)
    """
    return 5 if axes == 1 else 8


def fit_gabor(kernel: Floats, angle: float, frequency: float) -> Gabor | None:
    """Fit a Gabor function to a kernel of one or two axes, beginning near an angle and a frequency.

    None where the kernel is flat, or has too few cells to tell a Gabor function from anything (3 x 3 cells against 8
    numbers).

    Source:  Jones, Palmer 1987, "An evaluation of the two-dimensional Gabor filter model of simple receptive fields in
             cat striate cortex", eq. 2.
    """
    spare = kernel.size - count_parameters(kernel.ndim) - 1
    variance = float(((kernel - kernel.mean()) ** 2).sum())
    if spare < 1 or variance <= 1e-12 * float((kernel**2).sum()):
        return None
    direction = math.radians(90 - angle) if math.isfinite(angle) else 0.0
    fits = [_fit_from(kernel, start) for start in _list_starts(kernel, direction, frequency)]
    best = min(fits, key=lambda fit: float(fit.cost))
    return _describe(kernel, best.x, variance, spare)


def draw_gabor(size: tuple[int, ...], numbers: Floats) -> tuple[Floats, Floats]:
    """The even and the odd Gabor function: a cosine and a sine under the window.

    `numbers` are the centre along each axis, the standard deviations (across, along), the frequency, and with two
    axes the direction of the wave in radians.
    """
    axes = len(size)
    places: list[Floats] = [np.arange(extent) - centre for extent, centre in zip(size, numbers[:axes], strict=True)]
    if axes == 1:
        across = places[0]
        window: Floats = np.exp(-0.5 * (across / numbers[1]) ** 2)
        turns = 2 * math.pi * numbers[2] * across
    else:
        rows, columns = np.meshgrid(*places, indexing="ij")
        sine, cosine = math.sin(numbers[5]), math.cos(numbers[5])
        across, along = rows * sine + columns * cosine, rows * cosine - columns * sine
        window = np.exp(-0.5 * ((across / numbers[2]) ** 2 + (along / numbers[3]) ** 2))
        turns = 2 * math.pi * numbers[4] * across
    return np.asarray(window * np.cos(turns)), np.asarray(window * np.sin(turns))


def _list_starts(kernel: Floats, direction: float, frequency: float) -> list[Floats]:
    """Where fits begin: the middle of the kernel's energy, windows of two widths, frequencies around the given one."""
    energy = kernel**2 / (kernel**2).sum()
    centre = [float((energy * np.indices(kernel.shape)[axis]).sum()) for axis in range(kernel.ndim)]
    starts = []
    for share, times in product((0.15, 0.3), (0.6, 1.0, 1.4)):
        widths = [max(share * extent, NARROWEST) for extent in kernel.shape]
        wave = min(max(times * frequency, 0.02), 0.98 * NYQUIST)
        starts.append(np.array([*centre, *widths, wave, *([direction] if kernel.ndim == 2 else [])]))
    return starts


def _fit_from(kernel: Floats, start: Floats) -> OptimizeResult:
    """Least squares in all numbers but the two amplitudes, which follow from them."""
    axes = kernel.ndim
    low = [-0.5] * axes + [NARROWEST] * axes + [0.0] + [-math.inf] * (axes - 1)
    high = [extent - 0.5 for extent in kernel.shape] + [2.0 * extent for extent in kernel.shape]
    high += [NYQUIST] + [math.inf] * (axes - 1)
    start = np.clip(start, np.array(low) + 1e-6, np.array(high) - 1e-6)

    def miss(numbers: Floats) -> Floats:
        return (_project(kernel, numbers)[1] - kernel).ravel()

    return least_squares(miss, start, bounds=(low, high), x_scale=np.maximum(np.abs(start), 0.1), max_nfev=200)


def _project(kernel: Floats, numbers: Floats) -> tuple[Floats, Floats]:
    """The best amplitudes of the even and the odd function, and their sum."""
    pair = np.stack([part.ravel() for part in draw_gabor(kernel.shape, numbers)], axis=1)
    amplitudes: Floats = np.linalg.lstsq(pair, kernel.ravel(), rcond=1e-8)[0].astype(np.float64)
    return amplitudes, np.asarray((pair @ amplitudes).reshape(kernel.shape))


def _describe(kernel: Floats, numbers: Floats, variance: float, spare: int) -> Gabor:
    axes = kernel.ndim
    (even, odd), values = _project(kernel, numbers)
    r2 = 1 - float(((kernel - values) ** 2).sum()) / variance
    adjusted = 1 - (1 - r2) * (kernel.size - 1) / spare
    angle = (90 - math.degrees(float(numbers[-1]))) % 180 if axes == 2 else math.nan
    return Gabor(
        centre=tuple(map(float, numbers[:axes])),
        widths=tuple(map(float, numbers[axes : 2 * axes])),
        angle=angle,
        frequency=float(numbers[2 * axes]),
        phase=math.atan2(-odd, even),
        amplitude=math.hypot(even, odd),
        r2=r2,
        adjusted=adjusted,
        values=values,
    )
