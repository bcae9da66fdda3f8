"""Fields against a twin that follows every tap of every layer as a set, on endless axes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given, settings
from hypothesis import strategies as st

from striate.arithmetic import (
    Field,
    Window,
    contain_field,
    extend_field,
    extend_field_listed,
    extend_field_transposed,
    join_fields,
    locate_adaptive,
    locate_cubic,
    locate_inputs,
    locate_linear,
    locate_nearest,
    start_field,
)
from striate.errors import ShapeError

plain = st.builds(
    Window, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 3), transposed=st.just(False)
)
transposed = st.builds(
    Window, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.integers(-2, 3), transposed=st.just(True)
)
mixes = st.lists(plain | transposed, max_size=3)
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


def unite(field: Field, window: Sequence[int]) -> range:
    """Give what a cell sees that reads the cells of `window`, each by `field`."""
    return cover({index for cell in window for index in field.locate(cell)})


def encloses(outer: range, inner: range) -> bool:
    return not inner or (outer.start <= inner.start and inner.stop <= outer.stop)


def list_windows(kind: str, extent: int, wanted: int) -> list[tuple[int, ...]]:
    if kind == "adaptive":
        return [tuple(cells) for cells in locate_adaptive(extent, wanted)]
    if kind == "nearest":
        return [(cell,) for cell in locate_nearest(extent, wanted)]
    return list((locate_linear if kind == "linear" else locate_cubic)(extent, wanted))


@settings(deadline=None)
@given(mixes, plain, st.integers(2, 12))
def test_windows_of_a_convolution_give_its_field(layers: list[Window], layer: Window, count: int) -> None:
    below = stack(layers)
    windows = [sorted(locate_inputs(layer, [cell])) for cell in range(count)]
    assert extend_field_listed(below, windows) == stack([*layers, layer])


@settings(deadline=None)
@given(mixes, st.integers(2, 5), st.integers(2, 9))
def test_windows_of_copies_give_the_field_of_a_transposed_convolution(
    layers: list[Window], factor: int, extent: int
) -> None:
    windows = list_windows("nearest", extent, extent * factor)
    below = stack(layers)
    assert extend_field_listed(below, windows) == extend_field_transposed(below, factor, factor)


@settings(deadline=None)
@given(mixes, st.sampled_from(["linear", "cubic"]), st.sampled_from([2, 3, 4, 6]), st.integers(4, 7))
def test_upsampling_by_a_whole_factor_is_exact_away_from_the_borders(
    layers: list[Window], kind: str, factor: int, extent: int
) -> None:
    windows, below = list_windows(kind, extent, extent * factor), stack(layers)
    field = extend_field_listed(below, windows, extent)
    assert field.step == below.step / factor
    edge = 2 * factor if kind == "cubic" else factor
    for cell, window in enumerate(windows):
        assert encloses(field.locate(cell), unite(below, window))
        if edge <= cell < len(windows) - edge and (kind == "linear" or extent >= 6):
            assert field.locate(cell) == unite(below, window)


@settings(deadline=None)
@example([], "cubic", 6, 9, False)
@given(
    mixes,
    st.sampled_from(["adaptive", "linear", "cubic"]),
    st.integers(1, 30),
    st.integers(1, 30),
    st.booleans(),
)
def test_windows_of_any_ratio_are_contained(
    layers: list[Window], kind: str, extent: int, wanted: int, told: bool
) -> None:
    windows, below = list_windows(kind, extent, wanted), stack(layers)
    field = extend_field_listed(below, windows, extent if told else None)
    for cell, window in enumerate(windows):
        assert encloses(field.locate(cell), unite(below, window))
    if told and field.size and not field.phases and field.step.denominator > 1:
        assert field.step == below.step * Fraction(extent, wanted)


@given(st.integers(1, 5), st.integers(1, 5), st.sampled_from(["reflect", "replicate", "circular"]), plain)
def test_padded_cells_count_as_beyond_the_border(before: int, after: int, mode: str, layer: Window) -> None:
    extent = max(before, after) + 4
    padded = F.pad(torch.arange(float(extent)).view(1, 1, -1), (before, after), mode).flatten().tolist()
    field = extend_field_listed(start_field(), [(int(cell),) for cell in padded])
    assert field == extend_field(start_field(), 1, before=before)


@given(st.integers(1, 9), st.integers(1, 9))
def test_one_window_steps_by_its_length_or_the_extent(start: int, length: int) -> None:
    window = [range(start, start + length)]
    assert extend_field_listed(start_field(), window) == Field(length, Fraction(length), start)
    assert extend_field_listed(start_field(), window, 20) == Field(length, Fraction(20), start)


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.sampled_from([2, 3]), st.integers(1, 3))
def test_layers_around_an_upsampling_see_the_gradients_support(size: int, stride: int, factor: int, top: int) -> None:
    x = torch.ones(1, 1, 60, dtype=torch.float64, requires_grad=True)
    low = F.conv1d(x, torch.ones(1, 1, size, dtype=x.dtype), stride=stride)
    high = F.interpolate(low, scale_factor=factor, mode="linear")
    y = F.conv1d(high, torch.ones(1, 1, top, dtype=x.dtype))
    field = extend_field_listed(stack([Window(size, stride)]), locate_linear(low.shape[-1], high.shape[-1]))
    field = extend_field(field, top)
    for cell in range(y.shape[-1] // 2 - factor, y.shape[-1] // 2 + factor):
        (slope,) = torch.autograd.grad(y[0, 0, cell], x, retain_graph=True)
        assert field.locate(cell) == cover(set((slope.flatten() > 1e-9).nonzero().flatten().tolist()))


@settings(deadline=None)
@given(mixes)
def test_a_containing_field_is_the_smallest_that_encloses_each_cell(layers: list[Window]) -> None:
    field = stack(layers)
    outer = contain_field(field)
    seen = {cell: field.locate(cell) for cell in range(-30, 31)}
    assert (outer.phases, outer.step) == ((), field.step)
    assert all(encloses(outer.locate(cell), part) for cell, part in seen.items())
    if field.size:
        starts = [cell for cell, part in seen.items() if part and cell in range(field.period)]
        fits = [
            offset
            for offset in range(outer.offset - outer.size - 9, outer.offset + outer.size + 9)
            if all(
                encloses(
                    range(offset + floor(c * field.step), offset + floor(c * field.step) + outer.size - 1), seen[c]
                )
                for c in starts
            )
        ]
        assert not fits
        if field.locate(0) and all(seen[c].start >= seen[0].start + floor(c * field.step) for c in starts):
            assert outer.offset == field.offset


@settings(deadline=None)
@given(mixes, plain | transposed)
def test_layers_on_a_containing_field_still_contain(layers: list[Window], layer: Window) -> None:
    extend = extend_field_transposed if layer.transposed else extend_field
    outer = extend(contain_field(stack(layers)), layer.size, layer.stride, layer.dilation, layer.before)
    for cell in CELLS:
        assert encloses(outer.locate(cell), stack([*layers, layer]).locate(cell))


def test_windows_without_order_are_contained_and_none_are_refused() -> None:
    windows = [(5,), (), (3, 9), (0,)]
    field = extend_field_listed(start_field(), windows)
    assert all(encloses(field.locate(cell), cover(set(window))) for cell, window in enumerate(windows))
    assert (field.step, field.locate(0)) == (Fraction(0), range(10))
    assert extend_field_listed(start_field(), [(), ()]).size == 0
    with pytest.raises(ShapeError, match="a layer has no output cells"):
        extend_field_listed(start_field(), [])


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
