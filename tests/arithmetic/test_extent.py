"""Extents against the shapes that torch's own layers give, for one to three axes, and against each other's errors."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from striate.arithmetic import convolve_extent, deconvolve_extent, pool_extent
from striate.errors import ShapeError

CONVOLVE = (F.conv1d, F.conv2d, F.conv3d)
TRANSPOSE = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
MAX_POOL = (F.max_pool1d, F.max_pool2d, F.max_pool3d)
AVERAGE_POOL = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)


@dataclass(frozen=True)
class Axis:
    """The numbers of one axis."""

    extent: int
    size: int
    stride: int
    dilation: int
    padding: int


several_axes = st.lists(
    st.builds(Axis, st.integers(1, 8), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(0, 3)),
    min_size=1,
    max_size=3,
)


def spread(axes: list[Axis], name: str) -> tuple[int, ...]:
    return tuple(getattr(axis, name) for axis in axes)


@settings(deadline=None)
@given(several_axes)
def test_convolution_gives_torchs_shape_or_fails_with_it(axes: list[Axis]) -> None:
    x, weight = torch.zeros(1, 1, *spread(axes, "extent")), torch.zeros(1, 1, *spread(axes, "size"))
    numbers = spread(axes, "stride"), spread(axes, "padding"), spread(axes, "dilation")
    try:
        shape = tuple(CONVOLVE[len(axes) - 1](x, weight, None, *numbers).shape[2:])
    except RuntimeError:
        with pytest.raises(ShapeError):
            [convolve_extent(a.extent, a.size, a.stride, a.dilation, (a.padding, a.padding)) for a in axes]
        return
    ours = [convolve_extent(a.extent, a.size, a.stride, a.dilation, (a.padding, a.padding)) for a in axes]
    assert tuple(ours) == shape


@settings(deadline=None)
@given(several_axes, st.booleans())
def test_max_pool_gives_torchs_shape_or_fails_with_it(axes: list[Axis], ceil: bool) -> None:
    pads = [min(axis.padding, axis.size // 2) for axis in axes]
    numbers = spread(axes, "size"), spread(axes, "stride"), tuple(pads), spread(axes, "dilation")
    try:
        shape = tuple(MAX_POOL[len(axes) - 1](torch.zeros(1, 1, *spread(axes, "extent")), *numbers, ceil).shape[2:])
    except RuntimeError:
        with pytest.raises(ShapeError):
            [pool_extent(a.extent, a.size, a.stride, a.dilation, (p, p), ceil) for a, p in zip(axes, pads, strict=True)]
        return
    ours = [pool_extent(a.extent, a.size, a.stride, a.dilation, (p, p), ceil) for a, p in zip(axes, pads, strict=True)]
    assert tuple(ours) == shape


@settings(deadline=None)
@given(several_axes, st.booleans())
def test_average_pool_with_its_own_size_as_stride_gives_torchs_shape(axes: list[Axis], ceil: bool) -> None:
    pads = [min(axis.padding, axis.size // 2) for axis in axes]
    x = torch.zeros(1, 1, *spread(axes, "extent"))
    pool = AVERAGE_POOL[len(axes) - 1]
    try:
        shape = tuple(pool(x, spread(axes, "size"), padding=tuple(pads), ceil_mode=ceil).shape[2:])
    except RuntimeError as error:
        # torch's own limit: avg_pool3d alone refuses a window that only fits thanks to padding or rounding up.
        assume("smaller than kernel size" not in str(error))
        with pytest.raises(ShapeError):
            [pool_extent(a.extent, a.size, pad=(p, p), ceil=ceil) for a, p in zip(axes, pads, strict=True)]
        return
    assert tuple(pool_extent(a.extent, a.size, pad=(p, p), ceil=ceil) for a, p in zip(axes, pads, strict=True)) == shape


@settings(deadline=None)
@given(several_axes, st.integers(0, 3))
def test_transposed_convolution_gives_torchs_shape_or_fails_with_it(axes: list[Axis], more: int) -> None:
    x, weight = torch.zeros(1, 1, *spread(axes, "extent")), torch.zeros(1, 1, *spread(axes, "size"))
    added = [min(more, max(axis.stride, axis.dilation) - 1) for axis in axes]
    crops = [(axis.padding, axis.padding - grow) for axis, grow in zip(axes, added, strict=True)]
    numbers = spread(axes, "stride"), spread(axes, "padding"), tuple(added), 1, spread(axes, "dilation")
    try:
        shape = tuple(TRANSPOSE[len(axes) - 1](x, weight, None, *numbers).shape[2:])
    except RuntimeError:
        shape = ()
    if not shape or 0 in shape:
        with pytest.raises(ShapeError):
            [deconvolve_extent(a.extent, a.size, a.stride, a.dilation, c) for a, c in zip(axes, crops, strict=True)]
        return
    ours = [deconvolve_extent(a.extent, a.size, a.stride, a.dilation, c) for a, c in zip(axes, crops, strict=True)]
    assert tuple(ours) == shape


@given(
    st.integers(1, 20), st.integers(1, 6), st.integers(1, 4), st.integers(1, 3), st.integers(0, 4), st.integers(0, 4)
)
def test_uneven_padding_counts_windows_one_by_one(
    extent: int, size: int, stride: int, dilation: int, before: int, after: int
) -> None:
    reach = dilation * (size - 1)
    starts = [s for s in range(-before, extent + after, stride) if s + reach < extent + after]
    if starts:
        assert convolve_extent(extent, size, stride, dilation, (before, after)) == len(starts)
    else:
        with pytest.raises(ShapeError):
            convolve_extent(extent, size, stride, dilation, (before, after))


def test_misfit_names_every_value_and_its_way_out_works() -> None:
    with pytest.raises(ShapeError) as caught:
        convolve_extent(11, 7, dilation=2)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("kernel 7", "dilation 2", "spans 13", "11 cells", "2 cells more", "at most 6"):
        assert part in message
    assert convolve_extent(11, 7, dilation=2, pad=(1, 1)) == 1
    assert convolve_extent(11, 6, dilation=2) == 1


def test_numbers_out_of_range_are_named() -> None:
    with pytest.raises(ShapeError, match="stride is 0"):
        convolve_extent(8, 3, stride=0)
    with pytest.raises(ShapeError, match="extent is 0"):
        pool_extent(0, 3)
    with pytest.raises(ShapeError, match="is negative"):
        convolve_extent(8, 3, pad=(0, -1))
    with pytest.raises(ShapeError, match=r"turns 2 cells into 4, but 2 before and 2 after are cut\. Cut at most 3"):
        deconvolve_extent(2, 2, stride=2, crop=(2, 2))
