"""Backpropagation by hand against gradients found by moving one number at a time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.worked.loops import Map, add, correlate, differentiate, flatten, lay_beside, weigh
from tests.worked.pages import Page, run_page


@dataclass(frozen=True)
class Case:
    """The picture, the kernel, and the gradient that arrives."""

    x: Map
    kernel: Map
    g: Map

    def lose(self, x: Map, kernel: Map, bias: float = 0) -> float:
        """A loss that grows by g for each unit that an output grows."""
        return weigh(add(correlate(x, kernel), bias=bias), self.g)


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("gradients")


@pytest.fixture(scope="module")
def case(page: Page) -> Case:
    (x,), kernel, g = page.take("x", "kernel", "g")
    return Case(x, kernel, g)


def test_forward(page: Page, case: Case) -> None:
    (shown,) = [block.shown for block in page.blocks if block.heading.startswith("Backpropagation")]
    expected = [cell + 1 for cell in flatten(correlate(case.x, case.kernel))]
    assert [float(number) for number in shown.replace("[", " ").replace("]", " ").split()] == expected


def test_the_matrix(page: Page, case: Case) -> None:
    matrix = [
        [
            case.kernel[row - up][column - left] if 0 <= row - up < 3 and 0 <= column - left < 3 else 0.0
            for row in range(4)
            for column in range(4)
        ]
        for up in range(2)
        for left in range(2)
    ]
    times = [sum(weight * cell for weight, cell in zip(row, flatten(case.x), strict=True)) + 1 for row in matrix]
    assert page.list_numbers("The convolution as a matrix") == [*flatten(matrix), *times]


def test_the_kernels_gradient(page: Page, case: Case) -> None:
    heading = "For the kernel: patches times g"
    patches = [[line[left : left + 3] for line in case.x[up : up + 3]] for up in range(2) for left in range(2)]
    assert page.list_numbers(heading) == lay_beside(*patches)
    gradient = differentiate(lambda kernel: case.lose(case.x, kernel), case.kernel)
    assert page.list_numbers(heading, 1) == list(flatten(gradient))
    said = "Times " + ", ".join(f"{cell:g}" for cell in list(flatten(case.g))[:3]) + f" and {case.g[1][1]:g}"
    assert said in page.text
    grown = case.lose(case.x, case.kernel, bias=1) - case.lose(case.x, case.kernel)
    assert page.list_numbers(heading, 2) == [grown]


def test_the_inputs_gradient(page: Page, case: Case) -> None:
    gradient = list(flatten(differentiate(lambda x: case.lose(x, case.kernel), case.x)))
    heading = "For the input: C turned over"
    assert page.list_numbers(heading) == gradient
    assert page.list_numbers(heading, 2) == gradient


def test_autograd_agrees(page: Page) -> None:
    *_, last = page.blocks
    assert last.shown.split() == ["kernel", "True", "bias", "True", "input", "True"]
