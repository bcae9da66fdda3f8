"""The ECE685 exercise, by loops, and as it was published, its slip included."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.worked.loops import Map, add, convolve_layer, correlate, flatten, lay_beside, mean, pad, pool, relu
from tests.worked.pages import Page, read_oracle, run_page


@dataclass(frozen=True)
class Exercise:
    """What the page begins with, and by loops what comes of it."""

    x: list[Map]
    w: list[Map]
    bias: int
    maps: list[Map]
    summed: Map


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("channels")


@pytest.fixture(scope="module")
def exercise(page: Page) -> Exercise:
    (x, w), bias = page.take("x", "w"), page.names["bias"]
    maps = [correlate(pad(channel, 1), part) for channel, part in zip(x, w, strict=True)]
    return Exercise(x, w, bias, maps, add(*maps, bias=bias))


def test_three_maps(page: Page, exercise: Exercise) -> None:
    assert page.list_numbers("Three maps") == lay_beside(*exercise.maps)


def test_one_number_by_hand(page: Page, exercise: Exercise) -> None:
    cells, weights = [line[:3] for line in pad(exercise.x[2], 1)[1:4]], exercise.w[2]
    products = [[a * b for a, b in zip(*rows, strict=True)] for rows in zip(cells, weights, strict=True)]
    shown = page.list_numbers("Three maps", 1)
    assert shown == [*lay_beside(cells, weights, products), sum(flatten(products))]
    assert shown[-1] == exercise.maps[2][1][0]


def test_the_sum_and_what_follows(page: Page, exercise: Exercise) -> None:
    assert page.list_numbers("Their sum") == list(flatten(exercise.summed))
    assert convolve_layer(exercise.x, [exercise.w], [exercise.bias], stride=1, before=1) == [exercise.summed]
    above = relu(exercise.summed)
    assert page.list_numbers("relu") == list(flatten(above))
    assert page.list_numbers("Pooling") == lay_beside(pool(above, max), pool(above, mean))
    assert page.list_numbers("Pooling", 1) == list(flatten(pool(above, max)))


def test_it_is_the_published_exercise(page: Page, exercise: Exercise) -> None:
    oracle = read_oracle("ece685")
    assert [exercise.x, exercise.w, exercise.bias] == [oracle["x"], oracle["w"], oracle["bias"]]
    assert page.list_numbers("Three maps") == lay_beside(*oracle["maps_per_channel"])
    assert page.list_numbers("relu") == list(flatten(oracle["y"]))
    assert page.list_numbers("Pooling") == lay_beside(oracle["max"], oracle["average"])


def test_the_slip_is_one_wherever_it_stands(page: Page, exercise: Exercise) -> None:
    """An 11 in the place of any 1 of the third map makes another sum than the printed one."""
    oracle = read_oracle("ece685")
    assert "11 where 1 is right" in oracle["source"]
    assert "an 11 stands in the third map where 1 is right" in " ".join(page.text.split())
    places = [(row, column) for row in range(4) for column in range(4) if exercise.maps[2][row][column] == 1]
    assert places
    for row, column in places:
        others = exercise.maps[0][row][column] + exercise.maps[1][row][column] + exercise.bias
        assert max(others + 1, 0) == oracle["y"][row][column] != max(others + 11, 0)
