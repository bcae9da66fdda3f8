"""Convolution and cross-correlation by their definitions."""

from __future__ import annotations

import pytest
from tests.worked.loops import convolve, correlate, flatten, pad
from tests.worked.pages import Page, run_page

X, KERNEL = [1.0, 2, 3, 5, 8, 13], [1.0, 0, -2]


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("flipping")


def convolve_series(first: list[float], second: list[float]) -> list[float]:
    return convolve([first], [second])[0]


def correlate_series(series: list[float], kernel: list[float]) -> list[float]:
    return [
        sum(series[place + tap] * kernel[tap] for tap in range(len(kernel)))
        for place in range(len(series) - len(kernel) + 1)
    ]


def test_on_a_line(page: Page) -> None:
    straight, flipped = correlate_series(X, KERNEL), convolve_series(X, KERNEL)[2:-2]
    assert page.list_numbers("On a line") == [*straight, *straight, *flipped]
    assert page.list_numbers("On a line", 1) == flipped == correlate_series(X, KERNEL[::-1])
    assert (straight[0], flipped[0]) == (1 * 1 + 0 * 2 - 2 * 3, -2 * 1 + 0 * 2 + 1 * 3)


def test_a_single_one(page: Page) -> None:
    spike = [0.0, 0, 1, 0, 0]
    shown = page.list_numbers("What tells them apart")
    assert shown == [*convolve_series(spike, KERNEL)[1:-1], *correlate_series([0, *spike, 0], KERNEL)]
    assert shown[1:4] == KERNEL == shown[6:9][::-1]


def test_which_is_the_kernel(page: Page) -> None:
    full = correlate_series([0, 0, *X, 0, 0], KERNEL)
    turned = correlate_series([0] * 5 + KERNEL + [0] * 5, X)
    shown = page.list_numbers("What tells them apart", 1)
    assert shown == [*convolve_series(X, KERNEL), *convolve_series(KERNEL, X), *full, *turned]
    assert turned == full[::-1]


def test_on_a_picture(page: Page) -> None:
    picture, kernel = page.names["picture"].tolist(), page.names["kernel"].tolist()
    assert page.list_numbers("On a picture") == 2 * list(flatten(correlate(pad(picture, 1), kernel)))
    assert page.list_numbers("On a picture", 1) == 2 * list(flatten(convolve(picture, kernel)))
