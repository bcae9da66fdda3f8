"""Which input cells an output cell reads when an axis is resized or adaptively pooled, as torch does it.

Listed are the cells whose gradient is not zero. Nearest cells follow torch's single-precision arithmetic, which it uses
whatever the input's type (its CPU forward pass strays from it in rare cases: with a scale given, or in double
precision; its backward pass doesn't). For linear and cubic weights torch computes in the input's own precision,
so that rounding leaves a weight of some 1e-6 (single) or 1e-15 (double) here and there where it ought to be zero. Here
weights are exact fractions: such dust is not listed, and the answer is the same for every type.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil, floor
from struct import pack, unpack

from striate.arithmetic.padding import require_positive
from striate.errors import ShapeError

HALF = Fraction(1, 2)


def locate_adaptive(extent: int, wanted: int) -> tuple[range, ...]:
    """Give the cells that each output cell of an adaptive pool reads: floor(i*extent/wanted) to ceil((i+1)*...).

    Raises: ShapeError if a number is below 1.
    Source: He et al. 2014, arXiv:1406.4729 (the bins of a spatial pyramid).

    >>> locate_adaptive(5, 3)
    (range(0, 2), range(1, 4), range(3, 5))
    """
    require_positive(extent=extent, wanted=wanted)
    return tuple(range(i * extent // wanted, -(-(i + 1) * extent // wanted)) for i in range(wanted))


def locate_nearest(extent: int, wanted: int, scale: float | None = None, exact: bool = False) -> tuple[int, ...]:
    """Give the one cell that each output cell reads in torch's mode `nearest`, or `nearest-exact`.

    `scale` is torch's `scale_factor`, where one was given and not recomputed; `wanted` is then floor(extent*scale).
    `nearest` takes floor(i*ratio), with i and i//2 set apart for unchanged and doubled extents, `nearest-exact`
    floor((i + 0.5)*ratio); the ratio is extent/wanted, or 1/scale.

    Raises: ShapeError if a number is out of range.

    >>> locate_nearest(3, 5), locate_nearest(3, 5, exact=True)
    ((0, 0, 1, 1, 2), (0, 0, 1, 2, 2))
    """
    require_positive(extent=extent, wanted=wanted)
    _require_scale(scale)
    if not exact and wanted in (extent, 2 * extent):
        return tuple(cell * extent // wanted for cell in range(wanted))
    ratio = _round_single(extent / wanted if scale is None else 1 / scale)
    shift = 0.5 if exact else 0.0
    return tuple(min(floor(_round_single((cell + shift) * ratio)), extent - 1) for cell in range(wanted))


def locate_linear(
    extent: int, wanted: int, scale: float | None = None, align_corners: bool = False
) -> tuple[tuple[int, ...], ...]:
    """Give the one or two cells that each output cell reads in torch's modes `linear`, `bilinear` and `trilinear`.

    `scale` is torch's `scale_factor`, where one was given and not recomputed.

    Raises: ShapeError if a number is out of range.

    >>> locate_linear(3, 6)
    ((0,), (0, 1), (0, 1), (1, 2), (1, 2), (2,))
    """
    ratio = _find_ratio(extent, wanted, scale, align_corners)
    if wanted == extent:
        return tuple((cell,) for cell in range(extent))
    points = (max(_find_point(cell, ratio, align_corners), Fraction(0)) for cell in range(wanted))
    return tuple(_gather(_weigh_linear(point), extent) for point in points)


def locate_cubic(
    extent: int, wanted: int, scale: float | None = None, align_corners: bool = False
) -> tuple[tuple[int, ...], ...]:
    """Give the up to four cells that each output cell reads in torch's mode `bicubic`; borders repeat the last cell.

    `scale` is torch's `scale_factor`, where one was given and not recomputed.

    (Where a scale leaves both axes of an image as long as they were, torch's backward pass takes the resizing for a
    copy, though its forward pass isn't one; listed is what the forward pass reads.)

    Raises: ShapeError if a number is out of range.
    Source: Keys 1981, "Cubic convolution interpolation for digital image processing", with a = -3/4.

    >>> locate_cubic(5, 3)
    ((0, 1, 2), (2,), (2, 3, 4))
    """
    ratio = _find_ratio(extent, wanted, scale, align_corners)
    points = (_find_point(cell, ratio, align_corners) for cell in range(wanted))
    return tuple(_gather(_weigh_cubic(point), extent) for point in points)


def locate_antialiased(
    extent: int, wanted: int, support: int = 1, scale: float | None = None, align_corners: bool = False
) -> tuple[tuple[int, ...], ...]:
    """Give the cells that each output cell reads in torch's resizing with `antialias=True`.

    `support` is how far the kernel reaches: 1 for `bilinear`, 2 for `bicubic`; shrinking an axis widens it by the
    ratio. A cell beyond the borders is left out, not repeated.

    Raises: ShapeError if a number is out of range, or `support` neither 1 nor 2.
    Source: Keys 1981, with a = -1/2, for the cubic; the triangle for the linear kernel; the rest as Pillow's.

    >>> locate_antialiased(8, 4)
    ((0, 1, 2), (1, 2, 3, 4), (3, 4, 5, 6), (5, 6, 7))
    """
    if support not in (1, 2):
        raise ShapeError(f"support is {support}, but it must be 1 (bilinear) or 2 (bicubic). Use 1.")
    ratio = _find_ratio(extent, wanted, scale, align_corners)
    width = max(ratio, Fraction(1))
    return tuple(_gather_antialiased(ratio * (cell + HALF), width, support, extent) for cell in range(wanted))


def _find_ratio(extent: int, wanted: int, scale: float | None, align_corners: bool) -> Fraction:
    """Find how far the source moves from one output cell to the next."""
    require_positive(extent=extent, wanted=wanted)
    _require_scale(scale)
    if align_corners:
        return Fraction(extent - 1, wanted - 1) if wanted > 1 else Fraction(0)
    if scale is None:
        return Fraction(extent, wanted)
    return 1 / Fraction(scale).limit_denominator(1_000_000)  # 0.1 is meant as a tenth


def _find_point(cell: int, ratio: Fraction, align_corners: bool) -> Fraction:
    return cell * ratio if align_corners else (cell + HALF) * ratio - HALF


def _weigh_linear(point: Fraction) -> Iterable[tuple[int, Fraction]]:
    left = floor(point)
    return (left, 1 - (point - left)), (left + 1, point - left)


def _weigh_cubic(point: Fraction) -> Iterable[tuple[int, Fraction]]:
    left = floor(point)
    return ((cell, _evaluate_cubic(abs(point - cell), Fraction(-3, 4))) for cell in range(left - 1, left + 3))


def _evaluate_cubic(distance: Fraction, a: Fraction) -> Fraction:
    """Evaluate Keys' kernel; `a` is its slope at distance 1."""
    if distance <= 1:
        return ((a + 2) * distance - (a + 3)) * distance**2 + 1
    return a * (((distance - 5) * distance + 8) * distance - 4) if distance < 2 else Fraction(0)


def _gather(weighed: Iterable[tuple[int, Fraction]], extent: int) -> tuple[int, ...]:
    """Clamp to the axis, add what falls on one cell, and leave out what weighs nothing."""
    weights: dict[int, Fraction] = {}
    for cell, weight in weighed:
        clamped = min(max(cell, 0), extent - 1)
        weights[clamped] = weights.get(clamped, Fraction(0)) + weight
    return tuple(sorted(cell for cell, weight in weights.items() if weight))


def _gather_antialiased(centre: Fraction, width: Fraction, support: int, extent: int) -> tuple[int, ...]:
    cells = range(max(floor(centre - support * width), 0), min(ceil(centre + support * width), extent))
    distances = {cell: abs(cell + HALF - centre) / width for cell in cells}
    cubic = Fraction(-1, 2)
    return tuple(c for c, d in distances.items() if (d < 1 if support == 1 else _evaluate_cubic(d, cubic) != 0))


def _round_single(number: float) -> float:
    single: float = unpack("f", pack("f", number))[0]
    return single


def _require_scale(scale: float | None) -> None:
    if scale is not None and not 0 < scale < float("inf"):
        raise ShapeError(
            f"scale is {scale}, but it must be above 0 and finite. Use the ratio of output to input cells."
        )
