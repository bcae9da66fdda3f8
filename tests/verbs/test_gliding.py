"""Windows that fade into each other: what they leave as it is, and what stands where."""

from __future__ import annotations

import numpy as np
import pytest

from striate.verbs.gliding import glide, list_starts


@pytest.mark.parametrize("shape", [(1, 5), (2, 12), (1, 37), (1, 9, 20), (1, 3, 11, 6)])
@pytest.mark.parametrize("side", [1, 2, 5, 8])
def test_an_identity_stays_one(shape: tuple[int, ...], side: int) -> None:
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    assert np.allclose(glide(lambda windows: windows, values, (side,) * (len(shape) - 1)), values, atol=1e-5)


def test_each_cell_is_weighed_by_its_distance_from_the_edges() -> None:
    """By a loop over windows and cells, each window answering with its own number."""
    numbers = iter(range(100))

    def ask(windows: np.ndarray) -> np.ndarray:
        return np.stack([np.full_like(each, next(numbers)) for each in windows])

    found = glide(ask, np.zeros((1, 11), np.float32), (4,))[0]
    starts = list_starts(11, 4)
    for cell in range(11):
        weights = {n: min(cell - at + 1, 4 - cell + at) for n, at in enumerate(starts) if at <= cell < at + 4}
        mean = sum(number * weight for number, weight in weights.items()) / sum(weights.values())
        assert found[cell] == pytest.approx(mean, abs=1e-5)


@pytest.mark.parametrize(("extent", "wide"), [(4, 4), (5, 4), (100, 7), (3, 1)])
def test_windows_cover_all_and_stay_inside(extent: int, wide: int) -> None:
    starts = list_starts(extent, wide)
    assert {cell for at in starts for cell in range(at, at + wide)} == set(range(extent))
    assert starts == sorted(set(starts))
