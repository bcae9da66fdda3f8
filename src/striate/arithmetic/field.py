"""The receptive field of one axis: which input cells an output cell can see.

After convolutions and pools all cells see equally many inputs, `step` apart: three numbers say it all. After a
transposed convolution the cells differ, but in a pattern that repeats; the field then also keeps one period of it, so
that whatever is stacked on top stays exact. Where cells differ without a pattern (an axis resized by an odd ratio) the
field is one that contains what each cell sees. Borders are ignored here: a field may reach into the padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd, lcm

from striate.arithmetic.padding import compute_span, require_positive
from striate.arithmetic.repeat import find_repeat
from striate.errors import ShapeError


@dataclass(frozen=True)
class Field:
    """What the output cells of one axis see of the input, borders ignored.

    `size` is the number of input cells from the first to the last that a cell sees (the largest, where cells differ);
    `step` is how far the field moves from one cell to the next (the mean, where cells differ: a fraction after a
    transposed convolution); `offset` is the first input index that cell 0 sees, negative in padding (if cell 0 sees
    nothing: the first index that the next seeing cell sees). A size of 0 means that no cell sees anything. `phases` is
    empty where all cells see alike; else it holds what cells 0, 1, ... see until the pattern repeats. Without phases,
    cell c sees `size` indices from floor(offset + c*step).

    Source: Araujo, Norris, Sim, Distill 2019, "Computing Receptive Fields of Convolutional Neural Networks".
    """

    size: int
    step: Fraction
    offset: int
    phases: tuple[range, ...] = ()

    @property
    def period(self) -> int:
        """After how many cells the pattern repeats: 1 where all cells see alike."""
        return len(self.phases) or self.step.denominator

    def locate(self, cell: int) -> range:
        """Give the input indices from the first to the last that `cell` sees; empty if it sees none.

        >>> extend_field(start_field(), size=3, stride=2, before=1).locate(5)
        range(9, 12)
        """
        if not self.size:
            return range(0)
        if not self.phases:
            first = floor(self.offset + cell * self.step)
            return range(first, first + self.size)
        turn, phase = divmod(cell, self.period)
        seen, shift = self.phases[phase], int(turn * self.period * self.step)
        return range(seen.start + shift, seen.stop + shift) if seen else range(0)


def start_field() -> Field:
    """Give the input's own field: each cell sees itself.

    >>> start_field().locate(4)
    range(4, 5)
    """
    return Field(size=1, step=Fraction(1), offset=0)


def extend_field(field: Field, size: int, stride: int = 1, dilation: int = 1, before: int = 0) -> Field:
    """Put a convolution or a pool on top, padded by `before` cells in front.

    size += (span-1)*step, offset -= before*step, step *= stride; where cells differ, cell by cell over one period.

    Raises: ShapeError if size, stride or dilation is below 1.
    Source: Araujo, Norris, Sim, Distill 2019, section "Single-path networks".

    >>> field = extend_field(start_field(), size=7, stride=2, before=3)
    >>> field.size, str(field.step), field.offset
    (7, '2', -3)
    """
    require_positive(stride=stride)
    span = compute_span(size, dilation)
    if field.size and field.period == 1:
        step = int(field.step)
        return Field(field.size + (span - 1) * step, field.step * stride, field.offset - before * step)
    period = field.period // gcd(field.period, stride)
    starts = (cell * stride - before for cell in range(period))
    seen = [_cover(field.locate(start + tap) for tap in range(0, span, dilation)) for start in starts]
    return _form_field(seen, field.step * stride)


def extend_field_transposed(field: Field, size: int, stride: int = 1, dilation: int = 1, before: int = 0) -> Field:
    """Put a transposed convolution on top, cropped by `before` cells in front (negative: zeros added).

    Output cell o sees cell i of the layer below wherever o + before = i*stride + tap*dilation for some tap. So the
    cells differ: returned are the largest `size`, the mean `step` (the step below / stride), the `offset` of cell 0,
    and one period of the pattern in `phases`. Where the cells below are alike and
    the dilation is 1, the largest is field.size + (size - 1)//stride * field.step. Upsampling by copies is the case
    size = stride.

    Raises: ShapeError if size, stride or dilation is below 1.
    Source: Dumoulin & Visin 2016, arXiv:1603.07285, sec. 4 (the transposed matrix's rows).

    >>> field = extend_field_transposed(start_field(), size=3, stride=2, before=1)
    >>> field.size, str(field.step), field.offset
    (2, '1/2', 0)
    >>> [field.locate(cell) for cell in range(4)]
    [range(0, 1), range(0, 2), range(1, 2), range(1, 3)]
    """
    require_positive(stride=stride)
    taps = range(0, compute_span(size, dilation), dilation)
    seen = []
    for cell in range(before, before + field.period * stride):
        below = (divmod(cell - tap, stride) for tap in taps)
        seen.append(_cover(field.locate(quotient) for quotient, rest in below if rest == 0))
    return _form_field(seen, field.step / stride)


def extend_field_listed(field: Field, windows: Sequence[Sequence[int]], extent: int | None = None) -> Field:
    """Put a layer on top whose output cell o reads the cells windows[o] below (a resized or adaptively pooled axis).

    Where the windows repeat, borders left out, the field is exact, phases and all: just what `extend_field` gives if
    they are a convolution's. Else it contains what every listed cell sees and has no phases; its step is the mean:
    extent/len(windows) of the step below if `extent`, the number of cells below, is given, or as the windows' own
    starts say (a single window: its length, as a pool's stride is its size).

    Raises: ShapeError if there are no windows.

    >>> extend_field_listed(start_field(), [range(0, 2), range(2, 4), range(4, 6)]).step
    Fraction(2, 1)
    >>> field = extend_field_listed(start_field(), [range(0, 2), range(1, 4), range(3, 5)], extent=5)
    >>> field.size, str(field.step), field.offset
    (3, '5/3', 0)
    """
    if not windows:
        raise ShapeError("a layer has no output cells, but a field needs one. Use an output extent of 1 or more.")
    repeat = find_repeat(windows)
    if repeat is None:
        seen = [_cover(field.locate(index) for index in window) for window in windows]
        return _contain(seen, field.step * _find_mean_step(windows, extent))
    period = repeat.period * (field.period // gcd(field.period, repeat.shift))
    seen = [_cover(field.locate(index) for index in repeat.read(cell)) for cell in range(period)]
    return _form_field(seen, field.step * Fraction(repeat.shift, repeat.period))


def contain_field(field: Field) -> Field:
    """Give the smallest field without phases, of the same step, that contains what each cell sees.

    Its cell c sees `size` indices from floor(offset + c*step). The offset stays wherever some cell doesn't start
    earlier, measured by the step, than cell 0.

    >>> field = contain_field(extend_field_transposed(start_field(), size=4, stride=2, before=1))
    >>> field.size, str(field.step), field.offset, [field.locate(cell) for cell in range(3)]
    (3, '1/2', -1, [range(-1, 2), range(-1, 2), range(0, 3)])
    """
    return _contain([field.locate(cell) for cell in range(field.period)], field.step)


def join_fields(fields: Sequence[Field]) -> Field:
    """Unite the fields of branches that meet cell by cell (added, multiplied or concatenated).

    Raises: ShapeError if there is none, or if their steps differ, for then the branches don't fit.

    >>> wide, narrow = extend_field(start_field(), size=5, before=2), start_field()
    >>> join_fields([wide, narrow]) == wide
    True
    """
    steps = {field.step for field in fields}
    if len(steps) != 1:
        found = ", ".join(str(step) for step in sorted(steps)) or "no branch"
        raise ShapeError(f"branches that meet must move by one step, but here is {found}. Give them the same strides.")
    period = lcm(*(field.period for field in fields))
    return _form_field([_cover(field.locate(cell) for field in fields) for cell in range(period)], steps.pop())


def _cover(parts: Iterable[range]) -> range:
    seen = [part for part in parts if part]
    return range(min(part.start for part in seen), max(part.stop for part in seen)) if seen else range(0)


def _form_field(seen: list[range], step: Fraction) -> Field:
    """Make the field of one period; a period in which all cells see alike is forgotten."""
    size = max(len(part) for part in seen)
    offset = next((part.start for part in seen if part), 0)
    alike = all(len(part) == size and part.start == offset + cell * step for cell, part in enumerate(seen))
    return Field(size, step, offset, () if alike or size == 0 else tuple(seen))


def _contain(seen: Sequence[range], step: Fraction) -> Field:
    """Make the smallest field without phases that contains what the cells see."""
    moved = [(floor(cell * step), part) for cell, part in enumerate(seen) if part]
    offset = min((part.start - shift for shift, part in moved), default=0)
    return Field(max((part.stop - shift for shift, part in moved), default=offset) - offset, step, offset)


def _find_mean_step(windows: Sequence[Sequence[int]], extent: int | None) -> Fraction:
    if extent is not None:
        return Fraction(extent, len(windows))
    first, *others = [window for window in windows if window] or [()]
    if not others:
        return Fraction(len(first) or 1)
    return max(Fraction(others[-1][0] - first[0], len(others)), Fraction(0))
