"""Cells read against the support of the gradient of torch's own resizing and pooling.

Linear and cubic weights carry the dust of rounding: what is below 1e-11 in double precision, or below 4e-6 in single,
counts as nothing; the smallest true weights of these extents are ten times above even the latter.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from striate.arithmetic import locate_adaptive, locate_antialiased, locate_cubic, locate_linear, locate_nearest
from striate.errors import ShapeError

SCALES = (0.1, 0.3, 1 / 3, 0.5, 0.7, 1.0, 1.1, 1.3, 1.5, 1.9, 2.0, 2.3, 2.5, 3.0, 3.3, 4.0, 5.0, 7.0)
DUST = {torch.float64: 1e-11, torch.float32: 4e-6}
extents, scales = st.integers(1, 70), st.none() | st.floats(0.1, 4).map(lambda scale: round(scale, 2))
precisions = st.sampled_from([torch.float64, torch.float32])


def find_supports(apply: Callable[[Tensor], Tensor], extent: int, precision: torch.dtype) -> list[tuple[int, ...]]:
    """Ask the gradient which cells of one axis each output cell reads: one copy of the input for each."""
    wanted = apply(torch.ones(1, 1, extent, dtype=precision)).shape[-1]
    x = torch.ones(wanted, 1, extent, dtype=precision, requires_grad=True)
    (slope,) = torch.autograd.grad(apply(x)[:, 0].diagonal().sum(), x)
    return [tuple(row.nonzero().flatten().tolist()) for row in slope[:, 0].abs() > DUST[precision]]


def resize(mode: str, wanted: int, scale: float | None, **options: bool) -> Callable[[Tensor], Tensor]:
    """Make torch's resizing of the last axis; image modes get a second axis of two cells that stays."""
    flat = mode.startswith("bi")
    size = None if scale else (2, wanted) if flat else wanted
    factor = None if not scale else (1.0, scale) if flat else scale

    def apply(x: Tensor) -> Tensor:
        image = x.unsqueeze(2).expand(-1, -1, 2, -1) if flat else x
        resized = F.interpolate(image, size=size, scale_factor=factor, mode=mode, **options)
        return resized[:, :, 0] if flat else resized

    return apply


def count_cells(extent: int, wanted: int, scale: float | None) -> int:
    """Give what torch makes of a scale, at least one cell."""
    return wanted if scale is None else floor(extent * scale)


@settings(deadline=None)
@given(extents, st.integers(1, 90))
def test_adaptive_pools_read_the_gradients_support(extent: int, wanted: int) -> None:
    supports = find_supports(lambda x: F.adaptive_avg_pool1d(x, wanted), extent, torch.float64)
    assert [tuple(cells) for cells in locate_adaptive(extent, wanted)] == supports


@pytest.mark.parametrize("exact", [False, True])
def test_nearest_cells_are_the_gradients_support_at_every_small_extent(exact: bool) -> None:
    mode = "nearest-exact" if exact else "nearest"
    for extent in range(1, 71):
        for wanted in range(1, 141, 7):
            supports = find_supports(resize(mode, wanted, None), extent, torch.float32)
            assert [(cell,) for cell in locate_nearest(extent, wanted, exact=exact)] == supports
        for scale in SCALES:
            if wanted := floor(extent * scale):
                supports = find_supports(resize(mode, wanted, scale), extent, torch.float32)
                assert [(cell,) for cell in locate_nearest(extent, wanted, scale, exact)] == supports


@settings(deadline=None)
@given(extents, st.integers(1, 140), scales, st.booleans(), precisions)
def test_nearest_cells_are_the_gradients_support(
    extent: int, wanted: int, scale: float | None, exact: bool, precision: torch.dtype
) -> None:
    wanted = count_cells(extent, wanted, scale)
    if wanted:
        supports = find_supports(resize("nearest-exact" if exact else "nearest", wanted, scale), extent, precision)
        assert [(cell,) for cell in locate_nearest(extent, wanted, scale, exact)] == supports


@settings(deadline=None)
@given(extents, st.integers(1, 140), scales, st.booleans(), st.sampled_from(["linear", "bilinear"]), precisions)
def test_linear_cells_are_the_gradients_support(
    extent: int, wanted: int, scale: float | None, align: bool, mode: str, precision: torch.dtype
) -> None:
    wanted = count_cells(extent, wanted, scale)
    if wanted:
        supports = find_supports(resize(mode, wanted, scale, align_corners=align), extent, precision)
        assert list(locate_linear(extent, wanted, scale, align)) == supports


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 60), scales, st.booleans())
def test_cubic_cells_are_the_gradients_support(extent: int, wanted: int, scale: float | None, align: bool) -> None:
    wanted = count_cells(extent, wanted, scale)
    # An unchanged extent is a copy to torch's backward pass alone, whatever the scale: see the next test.
    if wanted and (wanted != extent or scale is None):
        supports = find_supports(resize("bicubic", wanted, scale, align_corners=align), extent, torch.float64)
        assert list(locate_cubic(extent, wanted, scale, align)) == supports


@given(st.integers(1, 9))
def test_cubic_cells_are_what_the_forward_pass_reads_where_a_scale_keeps_the_extent(extent: int) -> None:
    impulses = torch.eye(extent, dtype=torch.float64).unsqueeze(1)
    weights = resize("bicubic", extent, 1.1)(impulses)[:, 0].T
    read = [tuple(row.nonzero().flatten().tolist()) for row in weights.abs() > DUST[weights.dtype]]
    assert list(locate_cubic(extent, extent, 1.1)) == read


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 60), scales, st.booleans(), st.sampled_from([1, 2]))
def test_antialiased_cells_are_the_gradients_support(
    extent: int, wanted: int, scale: float | None, align: bool, support: int
) -> None:
    wanted = count_cells(extent, wanted, scale)
    if wanted:
        apply = resize(("bilinear", "bicubic")[support - 1], wanted, scale, align_corners=align, antialias=True)
        supports = find_supports(apply, extent, torch.float64)
        assert list(locate_antialiased(extent, wanted, support, scale, align)) == supports


def test_numbers_out_of_range_are_named() -> None:
    with pytest.raises(ShapeError, match="wanted is 0"):
        locate_adaptive(4, 0)
    with pytest.raises(ShapeError, match="extent is 0"):
        locate_linear(0, 4)
    with pytest.raises(ShapeError, match="scale is -2"):
        locate_nearest(4, 8, scale=-2)
    with pytest.raises(ShapeError, match="support is 3"):
        locate_antialiased(4, 8, support=3)
