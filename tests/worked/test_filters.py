"""The cs231n demonstration, by loops, and as it was published."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.worked.loops import Map, convolve_layer, flatten, lay_beside, pad
from tests.worked.pages import Page, read_oracle, run_page


@dataclass(frozen=True)
class Demo:
    """What the page begins with, and its picture with the border."""

    x: list[Map]
    w: list[list[Map]]
    bias: list[float]
    padded: list[Map]

    def multiply(self, k: int, row: int, column: int) -> list[list[float]]:
        """The 27 products of one output, channel by channel."""
        return [
            [
                self.padded[channel][2 * row + down][2 * column + right] * self.w[k][channel][down][right]
                for down in range(3)
                for right in range(3)
            ]
            for channel in range(3)
        ]


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("filters")


@pytest.fixture(scope="module")
def demo(page: Page) -> Demo:
    x, w, bias = page.take("x", "w", "bias")
    return Demo(x, w, bias, [pad(channel, 1) for channel in x])


def test_the_border(page: Page, demo: Demo) -> None:
    assert page.list_numbers("The border") == lay_beside(*demo.padded)


def test_one_window(page: Page, demo: Demo) -> None:
    expected = []
    for channel, products in enumerate(demo.multiply(0, 0, 0)):
        cells = [line[:3] for line in demo.padded[channel][:3]]
        expected += lay_beside(cells, demo.w[0][channel], [products[:3], products[3:6], products[6:]])
    assert page.list_numbers("One window") == expected
    sums = [sum(products) for products in demo.multiply(0, 0, 0)]
    assert page.list_numbers("One window", 1) == [*sums, demo.bias[0], sum(sums) + demo.bias[0]]


def test_every_window(page: Page, demo: Demo) -> None:
    expected = []
    for k in range(2):
        for row in range(3):
            for column in range(3):
                sums = [sum(products) for products in demo.multiply(k, row, column)]
                expected += [k, row, column, *sums, demo.bias[k], sum(sums) + demo.bias[k]]
    assert page.list_numbers("Every window") == expected


def test_the_layer(page: Page, demo: Demo) -> None:
    maps = convolve_layer(demo.x, demo.w, demo.bias, stride=2, before=1)
    assert page.list_numbers("The layer") == lay_beside(*maps)
    products = [demo.multiply(k, row, column) for k in range(2) for row in range(3) for column in range(3)]
    parameters = len(list(flatten(demo.w))) + len(demo.bias)
    assert page.list_numbers("The layer", 1) == [parameters, len(list(flatten(products)))]


def test_it_is_the_published_demonstration(page: Page, demo: Demo) -> None:
    oracle = read_oracle("cs231n")
    assert [demo.padded, demo.w, demo.bias] == [oracle["padded_x"], oracle["w"], oracle["bias"]]
    assert page.list_numbers("The layer") == lay_beside(*oracle["o"])
    assert page.list_numbers("Every window")[7::8] == [cell for kernel in oracle["o"] for cell in flatten(kernel)]
