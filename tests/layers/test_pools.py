"""Pools against windows that are opened one by one."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.layers.loops import Axis, Kind, pool_slowly
from tests.layers.waysout import check_ways_out
from torch import nn

from striate.arithmetic import Pair, compute_span, pool_extent
from striate.errors import InputError, ShapeError
from striate.layers import PaddedAvgPool1d, PaddedMaxPool2d, make_pool

axis = st.tuples(
    st.integers(1, 7), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2), st.integers(0, 3), st.integers(0, 3)
)


CASES = st.sampled_from(["max", "average"]), st.booleans(), st.booleans(), st.booleans()


@settings(deadline=None)
@given(st.lists(axis, min_size=1, max_size=2), *CASES)
def test_every_pool_is_its_windows(axes: list[Axis], kind: Kind, ceil: bool, even: bool, count: bool) -> None:
    check_windows(axes, kind, ceil, even, count)


small = st.tuples(*(st.integers(low, high) for low, high in ((1, 4), (1, 3), (1, 2), (1, 2), (0, 1), (0, 1))))


@settings(deadline=None, max_examples=50)
@given(st.lists(small, min_size=3, max_size=5), *CASES)
def test_so_is_every_pool_over_more_axes(axes: list[Axis], kind: Kind, ceil: bool, even: bool, count: bool) -> None:
    assume(math.prod(math.prod(numbers[:2]) for numbers in axes) < 40_000)
    check_windows(axes, kind, ceil, even, count)


def check_windows(axes: list[Axis], kind: Kind, ceil: bool, even: bool, count: bool) -> None:
    if kind == "average":
        axes = [(e, k, s, 1, before, after) for e, k, s, _, before, after in axes]
    axes = [(e, k, s, d, b, b if even else a) for e, k, s, d, b, a in axes]
    outside = any(max(b, a) >= compute_span(k, d) for _, k, _, d, b, a in axes)
    assume(not outside or (kind == "average" and count))
    try:
        counts = [pool_extent(e, k, s, d, (b, a), ceil) for e, k, s, d, b, a in axes]
    except ShapeError:
        assume(False)
    extents, sizes, strides, dilations, before, after = zip(*axes, strict=True)
    pads: list[Pair] = list(zip(before, after, strict=True))
    x = torch.randn(*extents, dtype=torch.float64)
    output = make_pool(len(axes), kind, sizes, strides, pads, dilations, ceil, count)(x[None, None])[0, 0]
    assert list(output.shape) == counts
    torch.testing.assert_close(output, pool_slowly(x, kind, axes, ceil, count))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("count", [False, True])
def test_means_are_torchs_with_its_words_for_it(axes: int, ceil: bool, count: bool) -> None:
    """Both torch's own layer, where it is taken, and ours, at one axis more than needed."""
    plain = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[axes - 1](3, 2, 1, ceil, count)
    x = torch.randn(2, 3, *[6] * axes, dtype=torch.float64)
    expected = plain(x)
    torch.testing.assert_close(make_pool(axes, "average", 3, 2, [(1, 1)] * axes, ceil=ceil, count=count)(x), expected)
    wide = make_pool(
        axes + 1, "average", (*[3] * axes, 1), (*[2] * axes, 1), [*[(1, 1)] * axes, (0, 0)], 1, ceil, count
    )
    torch.testing.assert_close(wide(x[..., None])[..., 0], expected)


@pytest.mark.parametrize("kind", ["max", "average"])
def test_more_than_three_axes_have_a_way_out(kind: Kind) -> None:
    pool = make_pool(5, kind, 2, pads=[(0, 1), *[(0, 0)] * 4], ceil=True, count=False)
    check_ways_out(pool, torch.randn(1, 2, 3, 2, 3, 2, 3))


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("ceil", [False, True])
def test_three_axes_are_padded_in_their_order(kind: Kind, ceil: bool) -> None:
    axes: list[Axis] = [(3, 2, 1, 1, 0, 1), (4, 3, 2, 1, 2, 0), (3, 2, 3, 1, 1, 1)]
    x = torch.randn(3, 4, 3, dtype=torch.float64)
    output = make_pool(3, kind, (2, 3, 2), (1, 2, 3), [(0, 1), (2, 0), (1, 1)], ceil=ceil)(x[None, None])[0, 0]
    torch.testing.assert_close(output, pool_slowly(x, kind, axes, ceil))


def test_padding_never_wins_a_maximum() -> None:
    x = torch.full((1, 1, 4, 4), -5.0)
    assert (make_pool(2, "max", 2, 1, [(0, 1), (1, 0)])(x) == -5).all()


def test_an_even_padding_is_an_ordinary_layer() -> None:
    assert type(make_pool(2, "max", 3, 2, [(1, 1), (1, 1)])) is nn.MaxPool2d
    assert type(make_pool(3, "average", 2)) is nn.AvgPool3d
    assert type(make_pool(2, "max", 3, 2, [(2, 2), (2, 2)])) is PaddedMaxPool2d


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize("count", [False, True])
def test_slopes_are_right(kind: Kind, count: bool) -> None:
    x = torch.randn(1, 2, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(make_pool(1, kind, 3, 2, [(0, 2)], ceil=True, count=count), (x,))
    y = torch.randn(1, 1, 3, 2, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(make_pool(4, kind, 2, 1, [(0, 1)] * 4, ceil=True, count=count), (y,))


def test_repr_tells_the_padding() -> None:
    assert "pads=((0, 1), (0, 1))" in repr(PaddedMaxPool2d(2, pads=((0, 1), (0, 1))))
    assert repr(PaddedAvgPool1d(3, 2, pads=((0, 1),))).startswith("PaddedAvgPool1d(kernel_size=(3,), stride=(2,)")


def test_bad_numbers_are_named() -> None:
    with pytest.raises(InputError, match="the input has 0 spatial axes"):
        make_pool(0, "max", 2)
    with pytest.raises(ShapeError, match=r"found an input of 1x2x3, needed batch, channels and 4 axes"):
        make_pool(4, "max", 2)(torch.zeros(1, 2, 3))
    with pytest.raises(ShapeError, match=r"pool \(average\) that spans 2 is padded by 2.*at most 1"):
        make_pool(1, "average", 2, pads=[(0, 2)], count=False)
    with pytest.raises(InputError, match="pool kind 'median' is unknown"):
        make_pool(2, "median", 2)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="dilation is 2, but an average pool has none"):
        make_pool(2, "average", 2, dilation=2)
    with pytest.raises(ShapeError, match=r"spans 3 is padded by 3.*at most 2"):
        make_pool(1, "max", 3, pads=[(0, 3)])
    with pytest.raises(ShapeError, match="is negative"):
        make_pool(1, "average", 3, pads=[(-1, 0)])


def test_a_padded_average_pool_takes_inputs_smaller_than_its_window() -> None:
    batch = torch.rand(1, 2, 3, 1, 5)
    pool = make_pool(3, "average", 3, stride=1, pads=[(1, 1)] * 3)
    padded = torch.nn.functional.pad(batch, (1,) * 6)
    assert torch.allclose(pool(batch)[0, 1, 1, 0, 2], padded[0, 1, 1:4, 0:3, 2:5].mean())
