"""Padding words against what they promise: extents, centring, causality; each counted cell by cell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.arithmetic import compute_span, convolve_extent, deconvolve_extent, resolve_crop, resolve_padding
from striate.errors import InputError, ShapeError

sizes = st.integers(1, 9)
dilations = st.integers(1, 4)
strides = st.integers(1, 5)
extents = st.integers(1, 20)


@given(sizes, dilations)
def test_span_runs_from_first_tap_to_last(size: int, dilation: int) -> None:
    taps = [tap * dilation for tap in range(size)]
    assert compute_span(size, dilation) == len(range(taps[0], taps[-1] + 1))


@given(extents, sizes, dilations)
def test_same_keeps_the_extent_and_puts_the_odd_cell_after(extent: int, size: int, dilation: int) -> None:
    before, after = resolve_padding("same", size, dilation)
    assert convolve_extent(extent, size, dilation=dilation, pad=(before, after)) == extent
    assert after - before in (0, 1)


@given(extents, sizes, dilations)
def test_full_meets_every_overlap(extent: int, size: int, dilation: int) -> None:
    span = compute_span(size, dilation)
    overlaps = [start for start in range(-2 * span, extent + span) if start + span > 0 and start < extent]
    assert convolve_extent(extent, size, dilation=dilation, pad=resolve_padding("full", size, dilation)) == len(
        overlaps
    )


@given(extents, sizes, dilations)
def test_causal_ends_each_window_at_its_own_cell(extent: int, size: int, dilation: int) -> None:
    before, after = resolve_padding("causal", size, dilation)
    for cell in range(extent):
        assert max(cell - before + tap * dilation for tap in range(size)) == cell
    assert after == 0


@given(extents, sizes, dilations)
def test_valid_and_numbers_say_what_they_add(number: int, size: int, dilation: int) -> None:
    assert resolve_padding("valid", size, dilation) == (0, 0)
    assert resolve_padding(number, size, dilation) == (number, number)
    assert resolve_padding((number, 0), size, dilation) == (number, 0)


@given(extents, sizes, strides, dilations)
def test_same_and_causal_crops_leave_stride_times_extent(extent: int, size: int, stride: int, dilation: int) -> None:
    for word in ("same", "causal"):
        crop = resolve_crop(word, size, stride, dilation)
        assert deconvolve_extent(extent, size, stride, dilation, crop) == extent * stride


@given(sizes, strides, dilations)
def test_same_crop_is_centred_with_the_odd_cell_before(size: int, stride: int, dilation: int) -> None:
    before, after = resolve_crop("same", size, stride, dilation)
    assert before - after in (0, 1) if before + after >= 0 else before == 0


@given(extents, sizes, dilations)
def test_full_crop_undoes_full_padding(extent: int, size: int, dilation: int) -> None:
    grown = convolve_extent(extent, size, dilation=dilation, pad=resolve_padding("full", size, dilation))
    assert deconvolve_extent(grown, size, 1, dilation, (0, 0)) == extent + 2 * (compute_span(size, dilation) - 1)
    assert deconvolve_extent(grown, size, 1, dilation, resolve_crop("full", size, 1, dilation)) == extent


@given(extents, sizes, strides)
def test_plain_crops_stay(number: int, size: int, stride: int) -> None:
    assert resolve_crop("valid", size, stride) == (0, 0)
    assert resolve_crop(number, size, stride) == (number, number)
    assert resolve_crop((number, -number), size, stride) == (number, -number)


def test_unknown_word_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"padding 'some' is unknown. Use one of valid, same, full, causal"):
        resolve_padding("some", 3)
    with pytest.raises(InputError, match="padding 'some' is unknown"):
        resolve_crop("some", 3, 1)


def test_numbers_out_of_range_are_named() -> None:
    with pytest.raises(ShapeError, match="size is 0"):
        resolve_padding("same", 0)
    with pytest.raises(ShapeError, match="dilation is -1"):
        compute_span(3, -1)
    with pytest.raises(ShapeError, match="stride is 0"):
        resolve_crop("same", 3, 0)
    with pytest.raises(ShapeError, match="padding -1 before and 2 after is negative"):
        resolve_padding((-1, 2), 3)
    with pytest.raises(ShapeError, match="is negative"):
        resolve_crop(-1, 3, 1)
