from __future__ import annotations

import itertools
import math
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.locate import count_windows, sweep_crops, sweep_map
from striate.locate.sweep import find_filled, list_starts

SHAPES = [((1, 19), (6,), (2,)), ((3, 13, 17), (5, 4), (2, 3)), ((2, 7, 6, 9), (3, 2, 4), (2, 1, 3))]


@given(st.integers(1, 60), st.integers(0, 300), st.integers(1, 70))
def test_windows_cover_an_axis(window: int, more: int, step: int) -> None:
    starts = list_starts(window + more, window, step)
    assert (starts[0], starts[-1]) == (0, more)
    assert all(0 < other - one <= step for one, other in itertools.pairwise(starts))
    assert all(start % step == 0 for start in starts[:-1])


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20), st.integers(1, 12)), min_size=1, max_size=3))
def test_windows_are_counted(axes: list[tuple[int, int, int]]) -> None:
    lines = [list_starts(window + more, window, step) for window, more, step in axes]
    extents, windows, steps = zip(*((window + more, window, step) for window, more, step in axes), strict=True)
    assert count_windows(extents, windows, steps) == len(list(itertools.product(*lines)))


def ask(crops: Any) -> Any:
    """An answer that no other crop gives."""
    flat = crops.reshape(len(crops), -1).astype(np.float64)
    return np.stack([flat.mean(1), flat[:, 0], flat[:, -1], flat @ np.linspace(0, 1, flat.shape[1])], 1)


@pytest.mark.parametrize(("shape", "window", "step"), SHAPES)
@pytest.mark.parametrize("batch", [1, 500, 1 << 22])
def test_each_window_is_asked_about_by_itself(
    shape: tuple[int, ...],
    window: tuple[int, ...],
    step: tuple[int, ...],
    batch: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.modules["striate.locate.sweep"], "_BATCH_VALUES", batch)
    values = np.random.default_rng(0).random(shape)
    heard: list[int] = []
    found = sweep_crops(ask, values, window, step, 0.5, heard.append)
    assert (found.scale, found.window) == (0.5, window)
    assert found.probabilities.shape == (4, *map(len, found.starts))
    assert found.filled.shape == found.probabilities.shape[1:]
    for place in np.ndindex(found.filled.shape):
        crop = values
        for axis, (cell, size) in enumerate(zip(place, window, strict=True)):
            first = found.starts[axis][cell]
            crop = crop.take(range(first, first + size), axis + 1)
        assert np.allclose(found.probabilities[(slice(None), *place)], ask(crop[None])[0], atol=1e-5)
    assert heard == sorted(set(heard))
    assert heard[-1] == found.filled.size == count_windows(shape[1:], window, step)
    assert len(heard) == math.ceil(found.filled.size / max(1, batch // math.prod((shape[0], *window))))


def test_a_map_knows_where_its_cells_begin() -> None:
    values = np.random.default_rng(0).random((1, 20, 31))
    shares = np.random.default_rng(1).random((3, 4, 5))
    found = sweep_map(shares, values, (8, 11), (4, 5), 1.4)
    assert found.starts == ((0, 4, 8, 12), (0, 5, 10, 15, 20))
    assert (found.scale, found.window) == (1.4, (8, 11))
    assert found.probabilities is shares
    assert np.array_equal(found.filled, find_filled(values, (8, 11), found.starts))


@pytest.mark.parametrize(("shape", "window", "step"), SHAPES)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_window_is_filled_where_a_channel_varies(
    shape: tuple[int, ...], window: tuple[int, ...], step: tuple[int, ...], dtype: Any
) -> None:
    rng = np.random.default_rng(3)
    values = rng.random(shape) * (rng.random(shape) < 0.06) + 0.1 * rng.random(shape) + 0.3
    values = (100 * values).astype(dtype)
    whole = float(np.ptp(values.astype(np.float64)))
    starts = tuple(list_starts(*axis) for axis in zip(shape[1:], window, step, strict=True))
    found = find_filled(values, window, starts)
    for place in np.ndindex(found.shape):
        crop = values[:, *(slice(s[i], s[i] + w) for s, i, w in zip(starts, place, window, strict=True))]
        spans = [float(channel.max()) - float(channel.min()) for channel in crop]
        assert found[place] == (max(spans) >= 0.2 * whole)
    assert 0 < found.sum() < found.size


@pytest.mark.parametrize("value", [0, 7, 255])
def test_where_all_is_the_same_nothing_is_filled(value: int) -> None:
    assert not find_filled(np.full((1, 9, 9), value, np.uint8), (3, 3), ((0, 3), (0, 6))).any()


def test_windows_of_one_cell_hold_nothing_but_one_that_holds_all_does() -> None:
    values = np.random.default_rng(0).random((1, 4, 4))
    assert not find_filled(values, (1, 1), (tuple(range(4)), tuple(range(4)))).any()
    assert find_filled(values, (4, 4), ((0,), (0,))).all()
