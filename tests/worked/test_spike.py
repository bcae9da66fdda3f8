"""A spike in a series: maps and maxima by loops, and the two trainings with gradients worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from tests.worked.pages import Page, run_page

import striate

Array = npt.NDArray[np.float64]
Weights = dict[str, Array]
Back = Callable[[Array], Weights]
KERNEL = (-1, 2, -1)


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("spike")


def answer(place: int) -> list[int]:
    """What the kernel says at each of 12 cells, zeros beyond the ends."""
    series = [0] * 14
    series[place + 1] = 1
    return [sum(series[cell + tap] * KERNEL[tap] for tap in range(3)) for cell in range(12)]


def test_the_map_moves_along(page: Page) -> None:
    expected = [number for place in (3, 4, 8) for number in (place, *answer(place))]
    assert page.list_numbers("The map moves along") == expected
    assert all(answer(place).index(2) == place for place in range(12))
    assert all(answer(place + 1)[1:] == answer(place)[:-1] for place in range(2, 9))


def test_the_maximum_does_not(page: Page) -> None:
    laid = [0] * 3 + list(KERNEL) + [0] * 6
    expected = [*range(12), *(max(answer(place)) for place in range(12)), *laid]
    assert page.list_numbers("The maximum doesn't") == expected
    assert f"cells 3 to {3 + len(KERNEL) - 1}" in page.text


def make_both(places: range) -> Array:
    """Spikes and bumps in turns."""
    series = np.zeros((2 * len(places), 32))
    for row, place in enumerate(places):
        series[2 * row, place] = 3
        series[2 * row + 1, place - 1 : place + 2] = 1
    return series


def run_dense(w: Weights, x: Array) -> tuple[Array, Back]:
    """The scores, and what turns their gradient into that of every weight."""
    summed = x @ w["fc1.weight"].T + w["fc1.bias"]
    hidden = np.maximum(summed, 0)

    def back(told: Array) -> Weights:
        below = told @ w["fc2.weight"] * (summed > 0)
        first = {"fc1.weight": below.T @ x, "fc1.bias": below.sum(0)}
        return {**first, "fc2.weight": told.T @ hidden, "fc2.bias": told.sum(0)}

    return hidden @ w["fc2.weight"].T + w["fc2.bias"], back


def run_convolution(w: Weights, x: Array) -> tuple[Array, Back]:
    """The same for a convolution, relu, and the maximum over all places."""
    padded = np.pad(x, ((0, 0), (1, 1)))
    patches = np.stack([padded[:, tap : tap + 32] for tap in range(3)], axis=-1)
    summed = patches @ w["conv1.weight"][:, 0].T + w["conv1.bias"]
    winners = summed.argmax(axis=1)
    largest = np.take_along_axis(summed, winners[:, None], axis=1)[:, 0]
    hidden = np.maximum(largest, 0)

    def back(told: Array) -> Weights:
        below = told @ w["fc1.weight"] * (largest > 0)
        won = np.take_along_axis(patches, winners[..., None], axis=1)
        first = {"conv1.weight": np.einsum("nk,nkt->kt", below, won)[:, None], "conv1.bias": below.sum(0)}
        return {**first, "fc1.weight": told.T @ hidden, "fc1.bias": told.sum(0)}

    return hidden @ w["fc1.weight"].T + w["fc1.bias"], back


def count_right(text: str, run: Callable[[Weights, Array], tuple[Array, Back]]) -> list[float]:
    """Train on the first half; count in the first and in the second."""
    module = striate.build(text, input=(1, 32))
    w = {name: parameter.detach().double().numpy() for name, parameter in module.named_parameters()}
    velocity = {name: np.zeros_like(weight) for name, weight in w.items()}
    first, second = make_both(range(2, 14)), make_both(range(18, 30))
    right = np.tile(np.eye(2), (len(first) // 2, 1))
    for _ in range(60):
        scores, back = run(w, first)
        shares = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        gradients = back((shares - right) / len(first))
        velocity = {name: 0.9 * velocity[name] + gradients[name] for name in w}
        w = {name: w[name] - 0.1 * velocity[name] for name in w}
    return [float((run(w, series)[0].argmax(1) == right.argmax(1)).sum()) for series in (first, second)]


def test_learned_in_one_half(page: Page) -> None:
    *_, last = page.blocks
    shown = [line.partition("  ")[2].strip() for line in last.shown.splitlines()]
    counts = [
        count_right("conv3-4, relu, gmp, flatten, fc-2", run_convolution),
        count_right("flatten, fc-16, relu, fc-2", run_dense),
    ]
    assert shown == [f"first half {first:g}, second half {second:g} right of 24" for first, second in counts]
    assert counts[0] == [24, 24]
    assert counts[1][0] == 24 > counts[1][1]
