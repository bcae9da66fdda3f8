from __future__ import annotations

import math

import numpy as np
import pytest

from striate.errors import InputError
from striate.locate import Locations, Sweep
from striate.locate.sweep import list_starts

CLASSES = ("a", "b")


def make_locations(
    extents: tuple[int, ...], window: tuple[int, ...], steps: tuple[int, ...], scales: tuple[float, ...]
) -> Locations:
    rng, sweeps = np.random.default_rng(4), []
    for scale in scales:
        lengths = [round(extent * scale) for extent in extents]
        starts = tuple(list_starts(*axis) for axis in zip(lengths, window, steps, strict=True))
        counts = tuple(map(len, starts))
        sweeps.append(Sweep(scale, window, starts, rng.random((2, *counts)), rng.random(counts) < 0.8))
    return Locations("x", np.zeros((1, *extents), np.uint8), CLASSES, (), tuple(sweeps), True)


def round_even(number: float) -> int:
    below = math.floor(number)
    return below if number - below < 0.5 or (number - below == 0.5 and below % 2 == 0) else below + 1


def list_cells(starts: tuple[int, ...], size: int, scale: float, number: int, extent: int) -> list[int]:
    """The cells that one window stands for: from half-way to the window before to half-way to the next."""
    middle = [(start + size / 2) / scale for start in starts]
    first = (middle[number - 1] + middle[number]) / 2 if number else middle[0] - 0.5
    last = (middle[number] + middle[number + 1]) / 2 if number + 1 < len(middle) else middle[-1] + 0.5
    begin, end = round_even(first), round_even(last)
    return [cell for cell in range(begin, max(end, begin + 1)) if cell < extent]


@pytest.mark.parametrize(
    ("extents", "window", "steps"),
    [((40,), (9,), (3,)), ((23, 31), (6, 8), (1, 2)), ((20, 20), (20, 7), (4, 7)), ((8, 9, 10), (4, 4, 4), (1, 2, 3))],
)
@pytest.mark.parametrize("scales", [(1.0,), (2.0,), (1.0, 1.41, 3.0)])
def test_a_map_holds_the_largest_of_the_windows_whose_middle_is_there(
    extents: tuple[int, ...], window: tuple[int, ...], steps: tuple[int, ...], scales: tuple[float, ...]
) -> None:
    found = make_locations(extents, window, steps, scales)
    slow = np.zeros(extents)
    for sweep in found.sweeps:
        for place in np.ndindex(sweep.filled.shape):
            if sweep.filled[place]:
                axes = zip(sweep.starts, window, place, extents, strict=True)
                cells = [list_cells(starts, size, sweep.scale, at, extent) for starts, size, at, extent in axes]
                block = slow[np.ix_(*cells)]
                slow[np.ix_(*cells)] = np.maximum(block, sweep.probabilities[(1, *place)])
    assert np.array_equal(found.map_class("b"), slow)
    assert slow.max() > 0


def test_where_no_middle_is_there_is_nothing() -> None:
    found = make_locations((30, 40), (10, 10), (1, 1), (1.0,))
    heat = found.map_class("a")
    inside = np.zeros((30, 40), bool)
    inside[4:26, 4:36] = True
    assert heat.shape == (30, 40)
    assert not heat[~inside].any()


def test_a_class_that_is_not_known_is_said() -> None:
    with pytest.raises(InputError, match="map_class: found 'z', needed one of a, b"):
        make_locations((9,), (3,), (1,), (1.0,)).map_class("z")
