from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from striate.locate import Place, Sweep, pick_places

CLASSES = ("a", "b", "c")


def make_sweep(
    counts: tuple[int, ...], window: tuple[int, ...], step: int = 1, scale: float = 1.0, seed: int = 0
) -> Sweep:
    """Random answers, most of them sure of something, a few windows empty."""
    rng = np.random.default_rng(seed)
    shares = np.moveaxis(rng.dirichlet([0.3] * len(CLASSES), counts), -1, 0)
    starts = tuple(tuple(range(0, count * step, step)) for count in counts)
    return Sweep(scale, window, starts, shares, rng.random(counts) < 0.9)


def make_quiet(counts: tuple[int, ...], sure: Mapping[Any, tuple[int, float]], **about: Any) -> Sweep:
    """No class fires but at some positions: there a class with a probability."""
    shares = np.full((len(CLASSES), *counts), 1 / len(CLASSES))
    for cell, (label, share) in sure.items():
        shares[(slice(None), *cell)] = (1 - share) / (len(CLASSES) - 1)
        shares[(label, *cell)] = share
    starts = tuple(tuple(range(count)) for count in counts)
    options: dict[str, Any] = {"scale": 1.0, "window": (4,) * len(counts)}
    return Sweep(**(options | about), starts=starts, probabilities=shares, filled=np.ones(counts, bool))


def average_around(values: Any, cell: tuple[int, ...]) -> float:
    """The mean of three cells along each axis; beyond the border the border's."""
    near = itertools.product(*((place - 1, place, place + 1) for place in cell))
    seen = [tuple(min(max(i, 0), n - 1) for i, n in zip(each, values.shape, strict=True)) for each in near]
    return sum(float(values[each]) for each in seen) / len(seen)


def pick_slowly(sweeps: list[Sweep], threshold: float, overlap: float) -> list[Place]:
    """Window by window, pair by pair."""
    windows = []
    for number, sweep in enumerate(sweeps):
        for cell in np.ndindex(sweep.filled.shape):
            row = [float(share) for share in sweep.probabilities[(slice(None), *cell)]]
            label = row.index(max(row))
            if sweep.filled[cell] and row[label] >= threshold:
                rank = average_around(sweep.probabilities[label], cell) * (1 / sweep.scale) ** 0.2
                first = [starts[i] / sweep.scale for starts, i in zip(sweep.starts, cell, strict=True)]
                windows.append((rank, number, label, first, row[label]))
    windows.sort(key=lambda window: window[0], reverse=True)
    places = []
    while windows:
        _, number, label, first, share = windows[0]
        sides = [size / sweeps[number].scale for size in sweeps[number].window]
        gone = []
        for window in windows:
            others = [size / sweeps[window[1]].scale for size in sweeps[window[1]].window]
            common = math.prod(
                max(0.0, min(a + s, b + t) - max(a, b))
                for a, s, b, t in zip(first, sides, window[3], others, strict=True)
            )
            gone.append(window is windows[0] or common / min(math.prod(sides), math.prod(others)) > overlap)
        own = [
            window for window, is_gone in zip(windows, gone, strict=True) if is_gone and window[1:3] == (number, label)
        ]
        weight = sum(window[0] for window in own)
        start = tuple(sum(w[0] * w[3][axis] for w in own) / weight for axis in range(len(first)))
        places.append(Place(CLASSES[label], share, start, tuple(sides), sweeps[number].scale))
        windows = [window for window, is_gone in zip(windows, gone, strict=True) if not is_gone]
    return sorted(places, key=lambda place: place.probability, reverse=True)


CASES = [
    [make_sweep((40,), (7,))],
    [make_sweep((30,), (7,), 2), make_sweep((55,), (7,), 2, 2.0, 1)],
    [make_sweep((14, 17), (5, 6), 2)],
    [
        make_sweep((6, 9), (5, 6), 2, 0.5),
        make_sweep((12, 18), (5, 6), 2, 1.0, 1),
        make_sweep((9, 9), (5, 6), 3, 0.7, 2),
    ],
    [make_sweep((5, 6, 7), (3, 2, 4))],
]


@pytest.mark.parametrize("sweeps", CASES)
@pytest.mark.parametrize("threshold", [0.5, 0.9])
@pytest.mark.parametrize("overlap", [0.0, 0.3, 0.8, 0.999])
def test_places_are_those_of_plain_loops(sweeps: list[Sweep], threshold: float, overlap: float) -> None:
    found, slow = pick_places(sweeps, CLASSES, threshold, overlap), pick_slowly(sweeps, threshold, overlap)
    assert [(place.label, place.scale) for place in found] == [(place.label, place.scale) for place in slow]
    for one, other in zip(found, slow, strict=True):
        assert one.probability == pytest.approx(other.probability)
        assert one.start == pytest.approx(other.start)
        assert one.extents == pytest.approx(other.extents)
    assert found


def test_the_surest_come_first_and_none_is_below_the_threshold() -> None:
    shares = [place.probability for place in pick_places(CASES[3], CLASSES, 0.7)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] >= 0.7


def test_a_window_that_is_empty_counts_for_nothing() -> None:
    sweep = make_quiet((9, 9), {(2, 2): (0, 0.99)})
    assert len(pick_places([sweep], CLASSES)) == 1
    sweep.filled[2, 2] = False
    assert pick_places([sweep], CLASSES) == ()


def test_nothing_is_found_in_nothing() -> None:
    assert pick_places([], CLASSES) == ()
    assert pick_places([make_quiet((4, 4), {})], CLASSES) == ()


def test_neighbours_merge_into_their_mean() -> None:
    sure = {(row, column): (1, 0.95) for row in (3, 4, 5) for column in (6, 7, 8)}
    (place,) = pick_places([make_quiet((12, 12), sure)], CLASSES)
    assert (place.label, place.extents) == ("b", (4.0, 4.0))
    assert place.start == pytest.approx((4.0, 7.0))


def test_things_apart_stay_apart() -> None:
    sweep = make_quiet((20, 20), {(0, 0): (0, 0.95), (0, 8): (0, 0.96), (15, 3): (2, 0.97)})
    found = pick_places([sweep], CLASSES)
    assert [(place.label, place.start) for place in found] == [("c", (15.0, 3.0)), ("a", (0.0, 8.0)), ("a", (0.0, 0.0))]


def test_a_part_goes_with_the_whole() -> None:
    whole = make_quiet((6, 6), {(1, 1): (0, 0.95)}, scale=0.5)
    part = make_quiet((12, 12), {(4, 4): (1, 0.95)})
    (place,) = pick_places([part, whole], CLASSES)
    assert (place.label, place.scale, place.start, place.extents) == ("a", 0.5, (2.0, 2.0), (8.0, 8.0))


def test_labels_are_told_of_and_the_others_take_places_all_the_same() -> None:
    sweep = make_quiet((20, 20), {(2, 2): (0, 0.99), (3, 3): (1, 0.95), (12, 12): (1, 0.92)})
    assert [place.start for place in pick_places([sweep], CLASSES, labels=["b"])] == [(12.0, 12.0)]
    assert pick_places([sweep], CLASSES, labels=["c"]) == pick_places([sweep], CLASSES, labels=[]) == ()


def test_the_background_takes_no_place() -> None:
    sweep = make_quiet((20, 20), {(2, 2): (0, 0.99), (3, 3): (1, 0.95), (12, 12): (1, 0.92)})
    found = pick_places([sweep], CLASSES, background=["a"])
    assert [(place.label, place.start) for place in found] == [("b", (3.0, 3.0)), ("b", (12.0, 12.0))]


def test_a_hundred_thousand_windows_are_quick() -> None:
    sweep = make_sweep((300, 350), (20, 20))
    assert len(pick_places([sweep], CLASSES, threshold=0.34)) > 100


def test_the_input_is_left_as_it_was() -> None:
    sweep = make_sweep((12, 12), (4, 4))
    kept = sweep.probabilities.copy(), sweep.filled.copy()
    assert pick_places([sweep], CLASSES) == pick_places([sweep], CLASSES)
    assert np.array_equal(sweep.probabilities, kept[0])
    assert np.array_equal(sweep.filled, kept[1])
