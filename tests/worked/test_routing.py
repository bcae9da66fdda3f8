"""The routes of gradients through pools and relu, against gradients found by moving one number at a time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.worked.loops import Map, add, correlate, differentiate, flatten, lay_beside, mean, pad, pool, relu, weigh
from tests.worked.pages import Page, run_page


@dataclass(frozen=True)
class Case:
    """The map, the gradient that comes back, and the kernel of the last example."""

    y: Map
    g: Map
    kernel: Map


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("routing")


@pytest.fixture(scope="module")
def case(page: Page) -> Case:
    (y,), g, kernel = page.take("y", "g", "kernel")
    return Case(y, g, kernel)


def test_the_map(page: Page, case: Case) -> None:
    assert list(flatten(case.y)) == page.list_numbers(page.blocks[0].heading)
    assert 0 not in flatten(case.y)


def test_max_pooling(page: Page, case: Case) -> None:
    heading = "The winner takes it"
    assert page.list_numbers(heading) == lay_beside(pool(case.y, max), case.g)
    gradient = differentiate(lambda cells: weigh(pool(cells, max), case.g), case.y)
    assert page.list_numbers(heading, 1) == list(flatten(gradient))


def test_average_pooling(page: Page, case: Case) -> None:
    gradient = differentiate(lambda cells: weigh(pool(cells, mean), case.g), case.y)
    assert page.list_numbers("All get the same") == list(flatten(gradient))


def test_relu(page: Page, case: Case) -> None:
    gradient = differentiate(lambda cells: weigh(relu(cells), [[1.0] * 4] * 4), case.y)
    assert page.list_numbers("The gate") == list(flatten(gradient))


def test_one_after_the_other(page: Page, case: Case) -> None:
    def run(summed: Map) -> float:
        return weigh(pool(relu(summed), max), case.g)

    def convolve(cells: Map) -> Map:
        return add(correlate(pad(cells, 1), case.kernel), bias=2)

    summed = convolve(case.y)
    gated = differentiate(run, summed)
    told = differentiate(lambda cells: run(convolve(cells)), case.y)
    assert page.list_numbers("One after the other") == lay_beside(summed, gated, told)


def test_autograd_agrees(page: Page) -> None:
    said = " ".join(block.shown for block in page.blocks[-2:])
    assert (said.count("True"), said.count("False")) == (4, 0)
