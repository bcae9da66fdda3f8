from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.thumbnails import draw_thumbnails, iterate_thumbnails, share_cells


@given(st.integers(1, 40), st.integers(1, 12))
def test_every_value_goes_somewhere_and_every_cell_is_a_mean(extent: int, cells: int) -> None:
    shares = share_cells(extent, min(cells, extent))
    assert shares.sum(0) == pytest.approx(1.0, abs=1e-5)
    assert shares.sum(1) == pytest.approx(min(cells, extent) / extent, abs=1e-5)


def draw_slowly(sample: np.ndarray, side: int) -> np.ndarray:
    """Average by repeating each value so often that cells hold whole numbers of them."""
    grey = sample.astype(np.float64).mean(0)
    for axis in range(grey.ndim):
        grey = np.repeat(grey, side, axis=axis)
    sizes = [extent // side for extent in grey.shape]
    cells = np.empty([side] * grey.ndim)
    for place in itertools.product(range(side), repeat=grey.ndim):
        cells[place] = grey[tuple(slice(p * s, (p + 1) * s) for p, s in zip(place, sizes, strict=True))].mean()
    cells -= cells.mean()
    flat: np.ndarray = (cells / np.sqrt((cells**2).sum())).ravel()
    return flat


@pytest.mark.parametrize(("shape", "side"), [((3, 20, 17), 12), ((1, 300), 144), ((2, 9, 8, 7), 5)])
def test_against_a_loop_over_cells(shape: tuple[int, ...], side: int) -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (3, *shape), np.uint8)
    for sample, thumbnail in zip(inputs, draw_thumbnails(inputs), strict=True):
        assert thumbnail == pytest.approx(draw_slowly(sample, side), abs=1e-5)


def test_light_and_contrast_change_nothing_and_a_negative_is_the_opposite() -> None:
    inputs = np.random.default_rng(0).integers(0, 101, (1, 3, 24, 24), np.uint8)
    first, brighter, negative = draw_thumbnails(np.concatenate([inputs, 2 * inputs + 50, 255 - inputs]))
    assert first @ brighter == pytest.approx(1, abs=1e-5)
    assert first @ negative == pytest.approx(-1, abs=1e-5)


def test_a_flat_sample_is_like_nothing() -> None:
    inputs = np.full((2, 1, 24, 24), 90, np.uint8)
    inputs[1, 0, 3, 3] += 1
    assert not draw_thumbnails(inputs).any()


def test_pieces_are_the_whole_also_of_a_mapped_file(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (10, 1, 16, 16), np.uint8)
    monkeypatch.setattr("striate.data.thumbnails._CHUNK_BYTES", 3 * 256)
    pieces = list(iterate_thumbnails(inputs))
    assert [len(piece) for piece in pieces] == [3, 3, 3, 1]
    assert np.concatenate(pieces) == pytest.approx(draw_thumbnails(inputs), abs=1e-6)
