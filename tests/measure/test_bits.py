"""Sets as bits, against Python's own sets."""

from __future__ import annotations

from itertools import product
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from striate.arithmetic import Window, locate_inputs
from striate.measure.bits import carry, divide_digits, fill, list_bits
from striate.measure.reach import Axis, Digit, Joined, Listed, Only, Same, Slide, Whole

SETS = st.sets(st.integers(0, 11))


def pack(indices: set[int]) -> int:
    return sum(1 << index for index in indices)


@given(SETS)
def test_bits_are_listed_in_order(indices: set[int]) -> None:
    assert list(list_bits(pack(indices))) == sorted(indices)


@given(
    SETS, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(-3, 4), st.booleans(), st.integers(1, 20)
)
def test_a_window_slides(
    cells: set[int], size: int, stride: int, dilation: int, before: int, transposed: bool, extent: int
) -> None:
    window = Window(size, stride, dilation, before, transposed)
    wanted = {index for index in locate_inputs(window, cells) if 0 <= index < extent}
    assert set(list_bits(carry(Slide(0, window), [pack(cells)], extent))) == wanted


@given(SETS, st.lists(st.lists(st.integers(0, 8)).map(tuple), min_size=12, max_size=12).map(tuple))
def test_listed_windows_unite(cells: set[int], windows: tuple[tuple[int, ...], ...]) -> None:
    wanted = {index for cell in cells for index in windows[cell] if index < 7}
    assert set(list_bits(carry(Listed(0, windows), [pack(cells)], 7))) == wanted


@given(SETS, SETS)
def test_the_plain_axes(cells: set[int], others: set[int]) -> None:
    outputs = [pack(cells), pack(others)]
    axes: list[tuple[Axis, set[int]]] = [
        (Same(1), others),
        (Whole(), set(range(5))),
        (Only(range(1, 9)), set(range(1, 5))),
        (Digit(0, 4, 3), {cell // 4 % 3 for cell in cells}),
    ]
    for axis, wanted in axes:
        assert set(list_bits(carry(axis, outputs, 5))) == wanted or isinstance(axis, Same)
    joined = {12 * a + b for a, b in product(cells, others)}
    assert set(list_bits(carry(Joined((0, 1), (12, 12)), outputs, 144))) == joined


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_parts_are_products_of_their_digits(extents: list[int], data: st.DataObject) -> None:
    """Each part holds every combination of its digits; together they are the set, and none is in two."""
    cells = data.draw(st.sets(st.integers(0, prod(extents) - 1)))
    digits = [(prod(extents[place + 1 :]), extent) for place, extent in enumerate(extents)]
    parts = [set(list_bits(part)) for part in divide_digits(pack(cells), data.draw(st.permutations(digits)))]
    assert sum(map(len, parts)) == len(cells)
    assert set().union(*parts) == cells
    for part in parts:
        sets = [{cell // divide % modulo for cell in part} for divide, modulo in digits]
        combined = {sum(d * divide for d, (divide, _) in zip(choice, digits, strict=True)) for choice in product(*sets)}
        assert combined == part


def test_an_axis_is_filled() -> None:
    assert list(list_bits(fill(4))) == [0, 1, 2, 3]
