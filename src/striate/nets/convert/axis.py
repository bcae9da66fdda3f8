"""One axis of a value inside a window that slides over a larger input: its cells, how they move, which of them stray.

A network made for one input (the window) is run once on a larger one. Its values then exist once for all windows: a
window that begins at input cell s finds its own cells `s / step` further on, wherever `move` divides s. A cell strays
if that isn't so: if it has read past the window's border, where a crop has padding and the larger input neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, gcd, lcm

from striate.arithmetic import Window, chain_extents, compute_span
from striate.errors import ShapeError


@dataclass(frozen=True)
class Axis:
    """What one axis of a value holds for one window.

    `step` is how many input cells lie between two of its `cells`; `move` is the least distance between windows that
    find their cells in one grid. The first `early` and the last `late` cells stray.
    """

    cells: int
    step: Fraction = Fraction(1)
    move: Fraction = Fraction(1)
    early: int = 0
    late: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether no cell strays."""
        return not (self.early or self.late)

    @property
    def stride(self) -> int:
        """Cells from one window to the next."""
        return int(self.move / self.step)


def settle(axis: Axis, window: Window) -> Window:
    """Choose the stride of a layer that has a single output cell: windows then follow as closely as they can.

    Its stride moves nothing in one window; the least that leaves the single cell single is taken.

    >>> settle(Axis(7, step=Fraction(32), move=Fraction(32)), Window(7, stride=7)).stride
    1
    """
    if window.transposed or _count(axis, window) > 1:
        return window
    after = window.before if window.after is None else window.after
    slack = axis.cells + window.before + after - compute_span(window.size, window.dilation)
    closest = replace(window, stride=axis.stride * (max(slack, 0) // axis.stride + 1))
    return closest if _count(axis, closest) == 1 else window


def slide(axis: Axis, window: Window) -> Axis:
    """Put a convolution, a pool or a transposed convolution on top; its stride is the settled one.

    Raises:  ShapeError if it doesn't fit.

    >>> slide(Axis(8), Window(3, before=1))
    Axis(cells=8, step=Fraction(1, 1), move=Fraction(1, 1), early=1, late=1)
    """
    cells, step = _count(axis, window), settle(axis, window).stride
    span, before = compute_span(window.size, window.dilation), window.before
    if window.transposed:
        early = (axis.early - 1) * step + span - before
        first_late = (axis.cells - axis.late) * step - before
        return Axis(cells, axis.step / step, axis.move, _clamp(early, cells), _clamp(cells - first_late, cells))
    early = ceil(Fraction(axis.early + before, step))
    first_late = ceil(Fraction(axis.cells - axis.late + before - span + 1, step))
    move = _find_common(axis.move, axis.step * step)
    return Axis(cells, axis.step * step, move, _clamp(early, cells), _clamp(cells - first_late, cells))


def border(axis: Axis, before: int, after: int) -> Axis:
    """Cells added at both ends; negative: cells cut.

    >>> border(border(Axis(8), 1, 1), -1, -1) == Axis(8)
    True
    """
    cells = axis.cells + before + after
    if cells < 1:
        raise ShapeError(f"{-before} and {-after} cells are cut from the window's {axis.cells}")
    early, late = _clamp(axis.early + before, cells), _clamp(axis.late + after, cells)
    return Axis(cells, axis.step, axis.move, early, late)


def repeat(axis: Axis, factor: int) -> Axis:
    """Each cell `factor` times: up-sampling by copies.

    >>> repeat(Axis(4), 2).step
    Fraction(1, 2)
    """
    return Axis(axis.cells * factor, axis.step / factor, axis.move, axis.early * factor, axis.late * factor)


def interpolate(axis: Axis, factor: int) -> Axis:
    """`factor` cells for each, on the line between its middle and the next one's; beyond the last middle copies.

    >>> interpolate(Axis(4), 2).early
    1
    """
    early, late = (ceil(factor * cells + Fraction(factor - 1, 2)) for cells in (axis.early, axis.late))
    cells = axis.cells * factor
    return Axis(cells, axis.step / factor, axis.move, _clamp(early, cells), _clamp(late, cells))


def meet(one: Axis, other: Axis) -> tuple[Axis, int, int]:
    """Let two values meet cell by cell: the axis of both, and the strides that bring each into the common grid.

    Raises:  ShapeError if they have different extents, or cells of different steps.

    >>> meet(Axis(4, late=1), Axis(4, early=2))[0]
    Axis(cells=4, step=Fraction(1, 1), move=Fraction(1, 1), early=2, late=1)
    """
    if one.cells != other.cells:
        raise ShapeError(f"{one.cells} cells of the window meet {other.cells}")
    common = one.step
    if one.step != other.step:
        if one.cells > 1:
            raise ShapeError(f"cells that lie {one.step} apart meet cells that lie {other.step} apart")
        common = _find_common(one.step, other.step)
    early, late = max(one.early, other.early), max(one.late, other.late)
    move = _find_common(_find_common(one.move, other.move), common)
    return Axis(one.cells, common, move, early, late), int(common / one.step), int(common / other.step)


def _count(axis: Axis, window: Window) -> int:
    return chain_extents([window], axis.cells)[-1]


def _find_common(one: Fraction, other: Fraction) -> Fraction:
    """The least common multiple."""
    return Fraction(lcm(one.numerator, other.numerator), gcd(one.denominator, other.denominator))


def _clamp(number: int, most: int) -> int:
    return min(max(number, 0), most)
