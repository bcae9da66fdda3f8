"""Axes that were counted through as one, or cut into several, and come apart or together again: nothing is lost by it.

A reshape of height x width to places, a product over the places, and a reshape back: each place is a digit of the flat
index, and comes out of it unharmed. Windows laid out as an axis of taps (`unfold`) are the same thing the other way
round: one tap sees a part alone, all taps together see what the window sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from striate.arithmetic import Field, Window, extend_field
from striate.measure.reach import Axis, Digit, Joined, Listed, Reach, Same, Slide, Whole


@dataclass(frozen=True)
class Merged:
    """A field by a digit of an axis: the cell at place p, which is `digit` of its index, sees what `field` says of p.

    That is what all cells together see that differ in the digits `fine` alone; each of them sees a part.
    """

    digit: Digit
    field: Field
    fine: frozenset[Digit] = frozenset()

    def is_plain(self, shape: tuple[int, ...]) -> bool:
        """Whether the digit is the whole index, and nothing finer is left, in a value of this shape."""
        return self.digit == Digit(self.digit.dim, 1, shape[self.digit.dim]) and not self.fine


def begin_merged(field: Field, axis: Axis) -> Merged | None:
    """What an axis with a field of its own becomes where it is merged with others or cut; None elsewhere."""
    match axis:
        case Digit():
            return Merged(axis, field)
        case Joined(dims, extents):
            inner = prod(extents[1:])
            place, *fine = (Digit(dim, 1, extent) for dim, extent in zip(dims, extents, strict=True))
            return Merged(place, extend_field(field, inner, inner), frozenset(fine))
        case _:
            return None


def carry_merged(merged: Merged, reach: Reach, extents: tuple[int, ...], shape: tuple[int, ...]) -> Merged | None:
    """The same in an output of `shape` that reads a value of `extents`; None where a digit doesn't survive.

    Index 7 of 3x4 places is in row 1 of them, whether the places are then written as 3x4 or as 3x2x2:

    >>> from striate.arithmetic import start_field
    >>> row = Merged(Digit(0, divide=4, modulo=3), start_field())
    >>> carry_merged(row, (Joined((0, 1), (3, 4)),), (12,), (3, 4)).digit
    Digit(dim=0, divide=1, modulo=3)
    >>> carry_merged(row, (Joined((0, 1, 2), (3, 2, 2)),), (12,), (3, 2, 2)).digit
    Digit(dim=0, divide=1, modulo=3)
    """
    digit = _carry_digit(merged.digit, reach[merged.digit.dim])
    left: set[Digit] = set()
    for fine in merged.fine:
        parts = _carry_fine(fine, reach[fine.dim], extents[fine.dim], shape)
        if parts is None:
            return None
        left.update(parts)
    return None if digit is None else Merged(digit, merged.field, frozenset(left))


def _carry_digit(digit: Digit, axis: Axis) -> Digit | None:
    match axis:
        case Same(dim):
            return Digit(dim, digit.divide, digit.modulo)
        case Digit(dim, divide, modulo) if modulo % (digit.divide * digit.modulo) == 0:
            return Digit(dim, divide * digit.divide, digit.modulo)
        case Joined(dims, extents):
            for place, dim in enumerate(dims):
                weight = prod(extents[place + 1 :])
                if digit.divide % weight == 0 and digit.divide * digit.modulo <= weight * extents[place]:
                    return Digit(dim, digit.divide // weight, digit.modulo)
            return None
        case _:
            return None


def _carry_fine(fine: Digit, axis: Axis, extent: int, shape: tuple[int, ...]) -> Iterable[Digit] | None:
    """The digits of the output that a fine one becomes: none if each cell reads all of its values.

    A slice may leave out values between the first and the last: what is seen reaches as far.
    """
    is_plain = (fine.divide, fine.modulo) == (1, extent)
    match axis:
        case Whole():
            return ()
        case Listed(_, windows) if all(_is_closed(window, fine) for window in set(windows)):
            return ()
        case Joined(dims, extents) if is_plain and prod(extents) == extent:
            return [Digit(dim, 1, made) for dim, made in zip(dims, extents, strict=True)]
        case Slide(dim, Window(size=1, stride=step, before=0, transposed=False)) if is_plain:
            return [Digit(dim, 1, shape[dim])] if (shape[dim] - 1) * step == extent - 1 else None
        case Same(dim) if shape[dim] != extent:
            return None
        case _:
            moved = _carry_digit(fine, axis)
            return None if moved is None else (moved,)


def _is_closed(window: tuple[int, ...], fine: Digit) -> bool:
    """Whether a window that has an index has all that differ from it in this digit alone."""
    values = range(0, fine.divide * fine.modulo, fine.divide)
    lowest = {index - index // fine.divide % fine.modulo * fine.divide for index in window}
    return {low + value for low in lowest for value in values} == {*window}
