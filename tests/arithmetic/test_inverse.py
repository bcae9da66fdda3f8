"""Each solver against a search that tries every number in turn with the forward formulas."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from striate.arithmetic import (
    Window,
    chain_extents,
    chain_fields,
    compute_span,
    convolve_extent,
    deconvolve_extent,
    find_smallest_extent,
    solve_crop,
    solve_field,
    solve_layers,
    solve_padding,
    solve_size,
    solve_stride,
)
from striate.errors import ShapeError

extents, wanteds = st.integers(1, 20), st.integers(1, 12)
sizes, strides, dilations, cells = st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 3)
convolutions = st.builds(Window, sizes, strides, dilations, cells, st.just(False), cells)
pools = st.builds(Window, st.integers(2, 4), strides, st.just(1), st.just(1), st.just(False), st.just(1), st.booleans())
odd_pools = st.builds(Window, sizes, strides, dilations, cells, st.just(False), st.integers(0, 9), st.just(True))
transposes = st.builds(Window, sizes, strides, dilations, st.integers(-2, 3), st.just(True), st.integers(-2, 3))
chains = st.lists(convolutions | pools | odd_pools | transposes, max_size=4)
short_chains = st.lists(convolutions | transposes, max_size=2)


def try_each(numbers: range, count: Callable[[int], int]) -> dict[int, int]:
    """Give how many cells each number leads to, leaving out those that don't fit."""
    reached = {}
    for number in numbers:
        try:
            reached[number] = count(number)
        except ShapeError:
            continue
    return reached


def check(
    reached: dict[int, int], wanted: int, solve: Callable[[], int], choose: Callable[[list[int]], int] = min
) -> None:
    """Compare with what the search found; a refusal must name the number of cells that is nearest."""
    fits = [number for number, count in reached.items() if count == wanted]
    if fits:
        assert solve() == choose(fits)
        return
    with pytest.raises(ShapeError) as caught:
        solve()
    if reached:
        nearest = re.search(r"The nearest is (\d+) with \w+ (\d+)", str(caught.value))
        assert nearest is not None
        count, number = map(int, nearest.groups())
        assert reached[number] == count
        assert abs(count - wanted) == min(abs(other - wanted) for other in reached.values())


@given(extents, wanteds, sizes, strides, dilations)
def test_padding_is_the_least_that_fits(extent: int, wanted: int, size: int, stride: int, dilation: int) -> None:
    reached = try_each(range(80), lambda total: convolve_extent(extent, size, stride, dilation, (0, total)))
    check(reached, wanted, lambda: sum(solve_padding(extent, wanted, size, stride, dilation)))
    if wanted in reached.values():
        before, after = solve_padding(extent, wanted, size, stride, dilation)
        assert after - before in (0, 1)


@given(extents, sizes, dilations)
def test_padding_that_keeps_the_extent_is_same(extent: int, size: int, dilation: int) -> None:
    span = compute_span(size, dilation)
    assert solve_padding(extent, extent, size, dilation=dilation) == ((span - 1) // 2, span // 2)


@given(extents, wanteds, sizes, dilations, st.tuples(cells, cells))
def test_stride_is_the_smallest_that_fits(
    extent: int, wanted: int, size: int, dilation: int, pad: tuple[int, int]
) -> None:
    reached = try_each(range(1, 40), lambda stride: convolve_extent(extent, size, stride, dilation, pad))
    check(reached, wanted, lambda: solve_stride(extent, wanted, size, dilation, pad))


@given(extents, wanteds, strides, dilations, st.tuples(cells, cells))
def test_size_is_the_smallest_odd_one_that_fits(
    extent: int, wanted: int, stride: int, dilation: int, pad: tuple[int, int]
) -> None:
    reached = try_each(range(1, 40), lambda size: convolve_extent(extent, size, stride, dilation, pad))
    check(
        reached,
        wanted,
        lambda: solve_size(extent, wanted, stride, dilation, pad),
        lambda fits: min((size for size in fits if size % 2), default=min(fits)),
    )


@given(extents, st.integers(1, 90), sizes, strides, dilations)
def test_crop_fits_and_adds_only_after(extent: int, wanted: int, size: int, stride: int, dilation: int) -> None:
    before, after = solve_crop(extent, wanted, size, stride, dilation)
    assert deconvolve_extent(extent, size, stride, dilation, (before, after)) == wanted
    assert before - after in (0, 1) if after >= 0 else before == 0


@settings(deadline=None)
@given(st.integers(1, 30), short_chains)
def test_kernel_on_top_is_the_smallest_that_sees_enough(wanted: int, layers: list[Window]) -> None:
    if not chain_fields(layers).size:
        with pytest.raises(ShapeError, match="no cell of these layers sees any input"):
            solve_field(wanted, layers)
        return
    size = solve_field(wanted, layers)
    assert chain_fields([*layers, Window(size)]).size >= wanted
    assert size == 1 or chain_fields([*layers, Window(size - 1)]).size < wanted


@settings(deadline=None)
@given(st.integers(1, 30), sizes, strides, dilations, short_chains)
def test_layers_on_top_are_the_fewest_that_see_enough(
    wanted: int, size: int, stride: int, dilation: int, layers: list[Window]
) -> None:
    def reach(depth: int) -> int:
        return chain_fields([*layers, *[Window(size, stride, dilation)] * depth]).size

    try:
        depth = solve_layers(wanted, size, stride, dilation, layers)
    except ShapeError:
        assert size == 1 or not reach(8)
        assert all(reach(tried) < wanted for tried in range(8))
        return
    assert reach(depth) >= wanted
    assert all(reach(tried) < wanted for tried in {*range(min(depth, 6)), max(depth - 1, 0)} - {depth})


@settings(deadline=None)
@given(chains)
def test_smallest_extent_is_the_first_accepted_and_all_later_ones_are(layers: list[Window]) -> None:
    smallest = find_smallest_extent(layers)
    assume(smallest < 500)
    tried = [*range(1, smallest + 25)]
    accepted = set(try_each(range(1, smallest + 25), lambda extent: chain_extents(layers, extent)[-1]))
    assert [extent in accepted for extent in tried] == [extent >= smallest for extent in tried]


def test_numbers_out_of_range_are_named() -> None:
    with pytest.raises(ShapeError, match="wanted is 0"):
        solve_padding(8, 0, 3)
    with pytest.raises(ShapeError, match="wanted is 0"):
        solve_stride(8, 0, 3)
    with pytest.raises(ShapeError, match="wanted is 0"):
        solve_size(8, 0)
    with pytest.raises(ShapeError, match="wanted is 0"):
        solve_crop(8, 0, 3, 1)
    with pytest.raises(ShapeError, match="stride is 0"):
        find_smallest_extent([Window(3, stride=0)])
    with pytest.raises(ShapeError, match="is negative"):
        find_smallest_extent([Window(3, before=-1)])
    with pytest.raises(ShapeError, match="kernel 9 with dilation 1 spans 9"):
        solve_stride(8, 2, 9)
