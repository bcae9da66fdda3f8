"""Resized axes against the gradient's support, over sizes, scales and corners; sampling by a twin that reads it all."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import check_known, check_reach, find_kinds
from torch import Tensor, nn

from striate.measure.rules.resizing import list_windows

EXTENTS = (5, 4, 3)
LINEAR = ("linear", "bilinear", "trilinear")


@st.composite
def draw_resizing(draw: st.DrawFn) -> tuple[int, dict[str, Any]]:
    """Axes, and the options of `interpolate`."""
    axes = draw(st.integers(1, 3))
    modes = ["nearest", "nearest-exact", "area", LINEAR[axes - 1], *(["bicubic"] if axes == 2 else [])]
    options: dict[str, Any] = {"mode": draw(st.sampled_from(modes))}
    if draw(st.booleans()):
        options["size"] = draw(st.lists(st.integers(1, 11), min_size=axes, max_size=axes))
    else:
        scales = st.sampled_from([0.5, 0.6, 0.9, 1.0, 1.3, 1.5, 2.0, 2.5, 3.0])
        options["scale_factor"] = draw(st.lists(scales, min_size=axes, max_size=axes))
        options["recompute_scale_factor"] = draw(st.sampled_from([None, True]))
    if options["mode"] not in ("nearest", "nearest-exact", "area"):
        options["align_corners"] = draw(st.booleans())
    return axes, options


@settings(max_examples=60, deadline=None)
@given(draw_resizing())
def test_resized_axes(drawn: tuple[int, dict[str, Any]]) -> None:
    axes, options = drawn
    check_reach(lambda x: F.interpolate(x, **options), (1, 2, *EXTENTS[:axes]), most=60)


@settings(max_examples=30, deadline=None)
@given(
    mode=st.sampled_from(["bilinear", "bicubic", "lanczos"]),
    size=st.tuples(st.integers(1, 15), st.integers(1, 15)) | st.none(),
    scale=st.sampled_from([0.3, 0.5, 0.7, 1.5, 2.0]),
)
def test_antialiased_axes(mode: str, size: tuple[int, int] | None, scale: float) -> None:
    options: dict[str, Any] = {"size": size} if size else {"scale_factor": scale}
    if mode == "lanczos" and not hasattr(torch.ops.aten, "_upsample_lanczos2d_aa"):
        return
    check_reach(lambda x: F.interpolate(x, mode=mode, antialias=True, **options), (1, 1, 12, 9), most=60)


def test_the_vector_overload_says_the_same() -> None:
    def resize(x: Tensor) -> Tensor:
        return torch.ops.aten.upsample_bilinear2d.vec(x, None, False, [1.5, 2.0])  # type: ignore[no-any-return]

    check_reach(resize, (1, 1, 4, 3))


@pytest.mark.parametrize("mode", ["nearest", "nearest_exact", "linear", "cubic", "linear_aa", "cubic_aa", "lanczos_aa"])
@pytest.mark.parametrize("extent", [1, 2, 7])
def test_an_axis_as_long_as_before_is_read_cell_by_cell(mode: str, extent: int) -> None:
    assert list_windows(mode, extent, extent, None, False) == tuple((cell,) for cell in range(extent))


@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_sampling_may_read_any_cell(mode: str) -> None:
    check_reach(
        lambda x, grid: F.grid_sample(x, grid, mode=mode, align_corners=False),
        (2, 3, 4, 5),
        (2, 3, 2, 2),
        twin=lambda x, grid: x.sum((2, 3))[:, :, None, None] * grid.sum(-1)[:, None],
    )


def test_sampling_a_volume_may_read_any_cell() -> None:
    check_reach(
        lambda x, grid: F.grid_sample(x, grid, align_corners=True),
        (1, 2, 3, 2, 3),
        (1, 2, 3, 2, 3),
        twin=lambda x, grid: x.sum((2, 3, 4))[:, :, None, None, None] * grid.sum(-1)[:, None],
    )


def test_words() -> None:
    assert find_kinds(nn.Upsample(scale_factor=2), (1, 4, 4)) == ["upsample"]
    assert find_kinds(nn.Upsample(size=(3, 3), mode="bicubic"), (1, 4, 4)) == ["upsample"]
    assert find_kinds(lambda x, grid: F.grid_sample(x, grid, align_corners=True), (1, 4, 4), (2, 2, 2)) == ["sample"]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_all_are_known_forward_and_backward(axes: int) -> None:
    for mode in ("nearest", "nearest-exact", LINEAR[axes - 1]):
        check_known(nn.Upsample(scale_factor=1.7, mode=mode), (2, *EXTENTS[:axes]))


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_all_are_known_in_two_dimensions(mode: str) -> None:
    check_known(nn.Upsample(size=(9, 7), mode=mode), (2, 5, 4))
    check_known(lambda x: F.interpolate(x, size=(3, 3), mode=mode, antialias=True), (2, 5, 4))
    check_known(lambda x, grid: F.grid_sample(x, grid, mode=mode, align_corners=True), (2, 5, 4), (3, 3, 2))
    check_known(lambda x, grid: F.grid_sample(x, grid, align_corners=True), (2, 5, 4, 3), (3, 3, 2, 3))
