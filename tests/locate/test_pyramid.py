from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.locate import choose_scales, rescale, scale_extents

EXTENTS = st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 300)), min_size=1, max_size=3)


@given(EXTENTS)
def test_the_window_fits_at_every_scale_and_at_no_smaller_one(pairs: list[tuple[int, int]]) -> None:
    extents, window = (tuple(each) for each in zip(*pairs, strict=True))
    scales = choose_scales(extents, window)
    for scale in scales:
        assert all(cells >= size for cells, size in zip(scale_extents(extents, scale), window, strict=True))
    assert 1 <= len(scales) <= 7
    assert scales[-1] == 2 or (len(scales) == 1 and scales[0] > 2)
    assert np.allclose(np.diff(np.log2(scales)), 0.5)
    smaller = scales[0] / (2**0.5 if scales[-1] <= 2 else 1 + 1e-6)
    fits = all(extent * smaller >= size * (1 + 1e-6) for extent, size in zip(extents, window, strict=True))
    assert not fits or len(scales) == 7


def test_where_the_window_fits_at_no_usual_scale_it_just_fits() -> None:
    assert choose_scales((10, 40), (28, 28)) == (2.8,)


def resize_line(line: Any, count: int) -> list[float]:
    """Triangles a cell wide on either side, or as wide as the cells of a shorter line; cut off at the ends."""
    pace = len(line) / count
    reach, found = max(1.0, pace), []
    for cell in range(count):
        middle = (cell + 0.5) * pace
        weights = [max(0.0, 1 - abs(place + 0.5 - middle) / reach) for place in range(len(line))]
        found.append(sum(weight * value for weight, value in zip(weights, line, strict=True)) / sum(weights))
    return found


@pytest.mark.parametrize("shape", [(2, 17), (3, 9, 14), (1, 5, 6, 7), (1, 3, 4, 5, 3)])
@pytest.mark.parametrize("scale", [0.5, 0.71, 1.41, 2, 0.3])
def test_every_axis_is_resized_by_triangles(shape: tuple[int, ...], scale: float) -> None:
    values = np.random.default_rng(0).random(shape)
    slow: Any = values
    for axis, extent in enumerate(shape[1:], 1):
        slow = np.apply_along_axis(resize_line, axis, slow, max(1, round(extent * scale)))
    found = rescale(values, scale)
    assert found.shape == (shape[0], *scale_extents(shape[1:], scale)) == slow.shape
    assert np.allclose(found, slow, atol=1e-5)


@pytest.mark.parametrize("scale", [0.25, 0.5, 2])
def test_the_mean_stays(scale: float) -> None:
    values = np.zeros((2, 40, 48), np.float32)
    values[:, 8:-8, 8:-8] = np.random.default_rng(1).random((2, 24, 32))
    assert rescale(values, scale).mean() == pytest.approx(values.mean(), rel=1e-4)


def test_bytes_are_rounded() -> None:
    values = np.random.default_rng(2).integers(0, 256, (3, 20, 30)).astype(np.uint8)
    found = rescale(values, 0.7)
    assert found.dtype == np.uint8
    assert np.abs(found - rescale(values.astype(np.float64), 0.7)).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("scale", [0.37, 1, 1.9])
def test_type_and_range_stay_and_so_does_the_input(dtype: Any, scale: float) -> None:
    values = np.ones((1, 31, 47), dtype) * (255 if dtype is np.uint8 else 1)
    values[:, ::3] = 0
    before = values.copy()
    found = rescale(values[:, ::-1], scale)
    assert (found.dtype, found.min() >= 0, found.max() <= values.max()) == (dtype, True, True)
    assert np.array_equal(rescale(np.ones((1, 31, 47), dtype), scale), np.ones(found.shape, dtype))
    assert np.array_equal(values, before)


def test_nothing_becomes_smaller_than_a_cell() -> None:
    assert rescale(np.zeros((1, 3, 50), np.uint8), 0.01).shape == (1, 1, 1)
