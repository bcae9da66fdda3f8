"""One axis of a sliding network: each formula against the values themselves, shifted window by shifted window."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.arithmetic import Window, chain_extents, locate_inputs
from striate.errors import ShapeError
from striate.nets.convert.axis import Axis, border, interpolate, meet, repeat, settle, slide

Cells = dict[int, frozenset[int]]


def start(first: int, extent: int) -> Cells:
    """The input between two places: each cell knows itself by its place on the endless axis."""
    return {cell: frozenset({first + cell}) for cell in range(extent)}


def run(cells: Cells, window: Window) -> Cells:
    """What each output cell reads, where cells outside read nothing."""
    (_, count) = chain_extents([window], len(cells))
    return {
        cell: frozenset().union(*(cells.get(index, frozenset()) for index in locate_inputs(window, [cell])))
        for cell in range(count)
    }


windows = st.builds(
    Window,
    size=st.integers(1, 4),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    before=st.integers(0, 2),
    after=st.integers(0, 2),
    transposed=st.booleans(),
)


@given(st.lists(windows, max_size=4), st.integers(4, 14), st.integers(1, 3))
def test_cells_that_do_not_stray_are_those_of_the_larger_input(
    layers: list[Window], extent: int, windows_apart: int
) -> None:
    axis = Axis(extent)
    settled = []
    try:
        for layer in layers:
            settled.append(settle(axis, layer))
            axis = slide(axis, layer)
    except ShapeError:
        return
    shift = windows_apart * axis.move
    assert axis.move.denominator == 1
    crop, whole = start(int(shift), extent), start(-3 * extent, 10 * extent + int(shift))
    whole = {cell - 3 * extent: seen for cell, seen in whole.items()}  # the input begins before the window
    for layer in settled:
        crop = run(crop, layer)
        whole = run_endless(whole, layer)
    assert len(crop) == axis.cells
    for cell in range(axis.early, axis.cells - axis.late):
        assert crop[cell] == whole[int(shift / axis.step) + cell]
    assert (shift / axis.step).denominator == 1


def run_endless(cells: Cells, window: Window) -> Cells:
    """As `run`, for cells numbered from below 0."""
    first, last = min(cells), max(cells)
    factor = Fraction(1, window.stride) if window.transposed else Fraction(window.stride)
    reach = window.size * window.dilation + window.before + 8
    places = range(floor(first / factor) - reach, floor(last / factor) + reach)
    return {
        cell: frozenset().union(*(cells.get(index, frozenset()) for index in locate_inputs(window, [cell])))
        for cell in places
    }


@given(windows.filter(lambda window: not window.transposed), st.integers(3, 14))
def test_only_cells_that_read_outside_stray(window: Window, extent: int) -> None:
    try:
        axis = slide(Axis(extent), window)
    except ShapeError:
        return
    outside = [
        cell
        for cell in range(axis.cells)
        if any(not 0 <= index < extent for index in locate_inputs(settle(Axis(extent), window), [cell]))
    ]
    taken = [*range(axis.early), *range(axis.cells - axis.late, axis.cells)]
    assert sorted(set(taken)) == outside


def test_a_single_window_follows_at_the_distance_of_the_windows() -> None:
    axis = Axis(4, step=Fraction(2), move=Fraction(2))
    assert settle(axis, Window(4, stride=4)).stride == 1
    assert settle(axis, Window(2, stride=2)).stride == 2
    upsampled = repeat(axis, 2)
    assert upsampled == Axis(8, Fraction(1), Fraction(2))
    assert upsampled.stride == 2
    assert settle(upsampled, Window(8)).stride == 2


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 2), st.integers(0, 2))
def test_interpolated_cells_stray_where_they_would_need_a_neighbour(
    cells: int, factor: int, early: int, late: int
) -> None:
    if early + late > cells:
        return
    axis = interpolate(Axis(cells, early=early, late=late), factor)
    for cell in range(axis.cells):
        point = (cell + Fraction(1, 2)) / factor - Fraction(1, 2)
        read = {floor(point), floor(point) + (point != floor(point))}
        strays = any(not early <= index < cells - late for index in read)
        assert strays == (cell < axis.early or cell >= axis.cells - axis.late)


def test_borders_that_are_cut_off_take_their_strays_along() -> None:
    padded = slide(Axis(9), Window(5, before=2))
    assert (padded.early, padded.late) == (2, 2)
    assert border(padded, -2, -1) == Axis(6, late=1)
    with pytest.raises(ShapeError, match="5 and 4 cells are cut from the window's 9"):
        border(padded, -5, -4)


def test_values_meet_in_one_grid() -> None:
    fine, coarse = Axis(1), Axis(1, step=Fraction(4), move=Fraction(4))
    assert meet(fine, coarse) == (Axis(1, Fraction(4), Fraction(4)), 4, 1)
    with pytest.raises(ShapeError, match="3 cells of the window meet 4"):
        meet(Axis(3), Axis(4))
    with pytest.raises(ShapeError, match="cells that lie 1 apart meet cells that lie 2 apart"):
        meet(Axis(3), Axis(3, step=Fraction(2), move=Fraction(2)))
