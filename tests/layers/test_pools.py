"""Pools against windows that are opened one by one."""

from __future__ import annotations

from itertools import product
from typing import Literal

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from striate.arithmetic import Pair, compute_span, pool_extent
from striate.errors import InputError, ShapeError
from striate.layers import PaddedAvgPool1d, PaddedMaxPool2d, make_pool

Kind = Literal["max", "average"]
Axis = tuple[int, int, int, int, int, int]
axis = st.tuples(
    st.integers(1, 7), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2), st.integers(0, 3), st.integers(0, 3)
)


def open_window(cell: int, numbers: Axis) -> list[int | None]:
    """List a window's cells: an index, None for padding; what hangs over beyond the padding is left out."""
    extent, size, stride, dilation, before, after = numbers
    indices = [cell * stride - before + tap * dilation for tap in range(size)]
    return [index if 0 <= index < extent else None for index in indices if index < extent + after]


def pool_slowly(x: Tensor, kind: Kind, axes: list[Axis], ceil: bool) -> Tensor:
    counts = [pool_extent(e, k, s, d, (before, after), ceil) for e, k, s, d, before, after in axes]
    output = torch.zeros(counts, dtype=x.dtype)
    for cell in product(*(range(count) for count in counts)):
        window = product(*(open_window(c, numbers) for c, numbers in zip(cell, axes, strict=True)))
        missing = float("-inf") if kind == "max" else 0.0
        values = [missing if None in place else float(x[place]) for place in window]
        output[cell] = max(values) if kind == "max" else sum(values) / len(values)
    return output


@settings(deadline=None)
@given(st.lists(axis, min_size=1, max_size=2), st.sampled_from(["max", "average"]), st.booleans(), st.booleans())
def test_every_pool_is_its_windows(axes: list[Axis], kind: Kind, ceil: bool, even: bool) -> None:
    if kind == "average":
        axes = [(e, k, s, 1, before, after) for e, k, s, _, before, after in axes]
    axes = [(e, k, s, d, b, b if even else a) for e, k, s, d, b, a in axes]
    assume(kind == "average" or all(max(b, a) < compute_span(k, d) for _, k, _, d, b, a in axes))
    try:
        counts = [pool_extent(e, k, s, d, (b, a), ceil) for e, k, s, d, b, a in axes]
    except ShapeError:
        assume(False)
    extents, sizes, strides, dilations, before, after = zip(*axes, strict=True)
    pads: list[Pair] = list(zip(before, after, strict=True))
    x = torch.randn(*extents, dtype=torch.float64)
    output = make_pool(len(axes), kind, sizes, strides, pads, dilations, ceil)(x[None, None])[0, 0]
    assert list(output.shape) == counts
    torch.testing.assert_close(output, pool_slowly(x, kind, axes, ceil))


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
def test_slopes_are_right(kind: Kind) -> None:
    x = torch.randn(1, 2, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(make_pool(1, kind, 3, 2, [(0, 2)], ceil=True), (x,))


def test_repr_tells_the_padding() -> None:
    assert "pads=((0, 1), (0, 1))" in repr(PaddedMaxPool2d(2, pads=((0, 1), (0, 1))))
    assert repr(PaddedAvgPool1d(3, 2, pads=((0, 1),))).startswith("PaddedAvgPool1d(kernel_size=(3,), stride=(2,)")


def test_bad_numbers_are_named() -> None:
    with pytest.raises(InputError, match="the input has 4 spatial axes"):
        make_pool(4, "max", 2)
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
