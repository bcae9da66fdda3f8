"""Fields against a twin that follows every tap of every layer as a set, on endless axes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.arithmetic import Field, Window, extend_field, extend_field_transposed, join_fields, start_field
from striate.errors import ShapeError

plain = st.builds(
    Window, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3), transposed=st.just(False)
)
transposed = st.builds(
    Window, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(-2, 3), transposed=st.just(True)
)
CELLS = range(-13, 14)


def follow_taps(layers: list[Window], cell: int) -> set[int]:
    """Try every index near enough for every tap: no formula but the definition."""
    cells = {cell}
    for layer in reversed(layers):
        below = set()
        for upper in cells:
            for lower in range(-abs(upper) * 4 - 20, abs(upper) * 4 + 20):
                near, far = (lower, upper) if layer.transposed else (upper, lower)
                if any(near * layer.stride - layer.before + t * layer.dilation == far for t in range(layer.size)):
                    below.add(lower)
        cells = below
    return cells


def stack(layers: list[Window]) -> Field:
    field = start_field()
    for layer in layers:
        extend = extend_field_transposed if layer.transposed else extend_field
        field = extend(field, layer.size, layer.stride, layer.dilation, layer.before)
    return field


def cover(cells: set[int]) -> range:
    return range(min(cells), max(cells) + 1) if cells else range(0)


@settings(deadline=None)
@given(st.lists(plain, max_size=2))
def test_convolutions_give_three_numbers_that_hold_for_every_cell(layers: list[Window]) -> None:
    field = stack(layers)
    assert field.phases == ()
    for cell in CELLS[::4]:
        first = field.offset + cell * field.step
        assert cover(follow_taps(layers, cell)) == range(int(first), int(first) + field.size)


@settings(deadline=None)
@given(st.lists(plain | transposed, min_size=1, max_size=2))
def test_every_cell_of_any_mix_is_located_exactly(layers: list[Window]) -> None:
    field = stack(layers)
    for cell in CELLS[::3]:
        assert field.locate(cell) == cover(follow_taps(layers, cell))


@settings(deadline=None)
@given(transposed)
def test_a_transposed_field_is_described_as_documented(layer: Window) -> None:
    field = stack([layer])
    seen = [cover(follow_taps([layer], cell)) for cell in range(layer.stride)]
    assert field.size == max(len(cells) for cells in seen)
    assert field.step == Fraction(1, layer.stride)
    assert field.offset == next(cells.start for cells in seen if cells)
    if layer.dilation == 1:
        assert field.size == 1 + (layer.size - 1) // layer.stride


@settings(deadline=None)
@given(plain, plain)
def test_joined_branches_see_what_either_sees(left: Window, right: Window) -> None:
    right = Window(right.size, left.stride, right.dilation, right.before)
    field = join_fields([stack([left]), stack([right])])
    for cell in CELLS[::5]:
        assert field.locate(cell) == cover(follow_taps([left], cell) | follow_taps([right], cell))


def test_joining_a_varying_branch_with_an_even_one_stays_exact() -> None:
    down, up = Window(2, stride=2), Window(3, stride=2, before=1, transposed=True)
    field = join_fields([stack([down, up]), start_field()])
    for cell in CELLS:
        assert field.locate(cell) == cover(follow_taps([down, up], cell) | {cell})


def test_even_cells_after_a_transposed_layer_are_described_by_three_numbers_again() -> None:
    up_and_down = [Window(4, stride=2, before=1, transposed=True), Window(2, stride=2)]
    assert stack(up_and_down).phases == ()


def test_cells_that_all_fall_between_the_taps_stay_blind() -> None:
    blind = [Window(1, stride=2, before=1, transposed=True), Window(1, stride=2), Window(2, before=1)]
    assert stack(blind).size == 0
    assert not any(stack(blind).locate(cell) or follow_taps(blind, cell) for cell in CELLS)


def test_branches_that_move_apart_are_refused() -> None:
    with pytest.raises(ShapeError, match="here is 1, 2"):
        join_fields([start_field(), extend_field(start_field(), 2, stride=2)])
    with pytest.raises(ShapeError, match="here is no branch"):
        join_fields([])


def test_numbers_out_of_range_are_named() -> None:
    with pytest.raises(ShapeError, match="stride is 0"):
        extend_field(start_field(), 3, stride=0)
    with pytest.raises(ShapeError, match="size is 0"):
        extend_field_transposed(start_field(), 0)
