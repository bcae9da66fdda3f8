"""Sets of indices along one axis as the bits of an integer, and how an operation carries them from output to input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from striate.arithmetic import Window, locate_inputs
from striate.measure.reach import Axis, Digit, Joined, Listed, Only, Same, Slide, Whole


def fill(extent: int) -> int:
    """All of an axis.

    >>> bin(fill(3))
    '0b111'
    """
    return (1 << extent) - 1


def list_bits(bits: int) -> Iterator[int]:
    """The indices in a set, in order.

    >>> list(list_bits(0b10100))
    [2, 4]
    """
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def carry(axis: Axis, outputs: Sequence[int], extent: int) -> int:
    """Which of the `extent` cells of an input's axis the output cells read; `outputs` is a set for each output axis.

    A cell beyond the input, in padding, is none. `Digit` is exact only where no other axis counts through the same
    output axis (`divide_digits` sees to that).
    """
    match axis:
        case Same(dim):
            return outputs[dim]
        case Slide(dim, window):
            return _unite(_list_slide(window, outputs[dim].bit_length(), extent), outputs[dim])
        case Listed(dim, windows):
            return _unite(_list_windows(windows), outputs[dim]) & fill(extent)
        case Whole():
            return fill(extent)
        case Only(cells):
            return _gather(cells) & fill(extent)
        case Digit(dim, divide, modulo):
            return _gather({index // divide % modulo for index in list_bits(outputs[dim])})
        case Joined(dims, extents):
            return _join([outputs[dim] for dim in dims], extents) & fill(extent)


def _unite(masks: Sequence[int], bits: int) -> int:
    if bits == fill(len(masks)):
        return _unite_all(tuple(masks)) if len(masks) < 1024 else _unite_each(masks, bits)
    return _unite_each(masks, bits)


def _unite_each(masks: Sequence[int], bits: int) -> int:
    united = 0
    for index in list_bits(bits):
        united |= masks[index]
    return united


@lru_cache(maxsize=512)
def _unite_all(masks: tuple[int, ...]) -> int:
    return _unite_each(masks, fill(len(masks)))


def _gather(indices: Iterator[int] | set[int] | range | tuple[int, ...]) -> int:
    bits = 0
    for index in indices:
        bits |= 1 << index
    return bits


@lru_cache(maxsize=4096)
def _list_slide(window: Window, cells: int, extent: int) -> tuple[int, ...]:
    if window.dilation == 1 and not window.transposed:
        starts = (cell * window.stride - window.before for cell in range(cells))
        return tuple(_span(max(start, 0), min(start + window.size, extent)) for start in starts)
    return tuple(
        _gather({index for index in locate_inputs(window, [cell]) if 0 <= index < extent}) for cell in range(cells)
    )


def _span(start: int, stop: int) -> int:
    return fill(stop) ^ fill(start) if stop > start else 0


@lru_cache(maxsize=4096)
def _list_windows(windows: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
    seen: dict[tuple[int, ...], int] = {}
    for window in windows:
        if window not in seen:
            seen[window] = _gather(window)
    return tuple(seen[window] for window in windows)


def _join(parts: list[int], extents: tuple[int, ...]) -> int:
    """The row-major numbers of all combinations."""
    joined, width = 1, 1
    for bits, extent in zip(reversed(parts), reversed(extents), strict=True):
        joined, width = _shift_each(joined, bits, width), width * extent
    return joined


def _shift_each(low: int, high: int, width: int) -> int:
    return _sum_bits(low << (index * width) for index in list_bits(high))


def _sum_bits(parts: Iterator[int]) -> int:
    united = 0
    for part in parts:
        united |= part
    return united


def divide_digits(bits: int, digits: Sequence[tuple[int, int]]) -> list[int]:
    """Split a set so that in each part any digit goes with any other: parts are products of the digits' sets.

    `digits` are (divide, modulo) of the axes that count through one output axis, in any order.

    >>> [list(list_bits(part)) for part in divide_digits(0b0110, [(2, 2), (1, 2)])]
    [[2], [1]]
    >>> [list(list_bits(part)) for part in divide_digits(0b1111, [(2, 2), (1, 2)])]
    [[0, 1, 2, 3]]
    """
    if len(digits) < 2 or bits & (bits - 1) == 0:
        return [bits]
    highest = max(digits)
    rest = [digit for digit in digits if digit != highest]
    width, row = highest[0], 0
    pieces: dict[int, list[int]] = {0: []}
    alike: dict[int, int] = {}
    while bits:
        low = bits & fill(width)
        if low not in pieces:
            pieces[low] = divide_digits(low, rest)
        for piece in pieces[low]:  # rows that hold the same lower digits go together
            alike[piece] = alike.get(piece, 0) | piece << (row * width)
        bits, row = bits >> width, row + 1
    return sorted(alike.values(), reverse=True)
