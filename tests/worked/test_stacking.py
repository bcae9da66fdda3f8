"""Stacks of small kernels: weights, multiplies and sight by loops, and the published ratios."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.worked.loops import convolve, correlate, flatten
from tests.worked.pages import Page, read_oracle, run_page

SIZES = ((5, 2), (7, 3))


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("stacking")


def count_weights(size: int, layers: int, channels: int) -> int:
    cells = [(row, column) for row in range(size) for column in range(size)]
    return sum(1 for _ in range(layers) for _ in range(channels) for _ in range(channels) for _ in cells)


def see(size: int, layers: int) -> int:
    """How many cells along an axis one output of a stack reads."""
    seen = {0}
    for _ in range(layers):
        seen = {cell + tap for cell in seen for tap in range(size)}
    return len(seen)


def test_weights(page: Page) -> None:
    shown = page.list_numbers("As wide a view")
    expected: list[float] = []
    for size, layers in SIZES:
        one, stack = count_weights(size, 1, 8), count_weights(3, layers, 8)
        ratio = Fraction(one, stack)
        expected += [size, size, one, layers, 3, 3, stack, ratio.numerator, ratio.denominator]
    assert shown == expected


def test_layers_that_are_built(page: Page) -> None:
    lines = [block for block in page.blocks if block.heading == "As wide a view"][1].shown.splitlines()
    stacks = [stack for size, layers in SIZES for stack in ((size, 1), (3, layers))]
    for line, (size, layers) in zip(lines, stacks, strict=True):
        weights, seen = count_weights(size, layers, 8), see(size, layers)
        assert line.endswith(f"{weights} weights  {weights * 32 * 32:9,} multiplies  sees {seen}x{seen}")


def test_two_without_relu_are_one(page: Page) -> None:
    first, second = (page.names[name].tolist() for name in ("first", "second"))
    joined = convolve(first, second)
    assert page.list_numbers("What the stack gives up") == list(flatten(joined))
    cells = [[float((8 * row + column) ** 2 % 11) for column in range(8)] for row in range(8)]
    assert correlate(correlate(cells, first), second) == correlate(cells, joined)


def test_two_can_not_spell_every_kernel() -> None:
    """Moving the two moves their product in 17 directions of 25: one is lost, for scale is shared between them."""
    random = np.random.default_rng(0)
    kernels = random.normal(size=(2, 3, 3))
    moves = []
    for which in range(2):
        for place in np.ndindex(3, 3):
            moved = np.zeros((3, 3))
            moved[place] = 1
            moves.append(list(flatten(convolve(moved.tolist(), kernels[1 - which].tolist()))))
    assert np.linalg.matrix_rank(np.array(moves)) == 17


def test_a_kernel_of_one_cell(page: Page) -> None:
    x = [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[0, 1], [0, 1]]]
    mixed = [
        [
            sum(weight * x[channel][row][column] for channel, weight in enumerate(weights))
            for row in range(2)
            for column in range(2)
        ]
        for weights in ((1, 1, 1), (1, 0, -1))
    ]
    assert page.list_numbers("A kernel of one cell") == 2 * list(flatten(mixed))


def test_fewer_channels_first(page: Page) -> None:
    lines = [block.shown for block in page.blocks if block.heading == "A kernel of one cell"][1].splitlines()
    for line, layers in zip(lines, ([(192, 32, 5)], [(192, 16, 1), (16, 32, 5)]), strict=True):
        weights = [read * written * size * size for read, written, size in layers]
        parameters = sum(weights) + sum(written for _, written, _ in layers)
        assert line.endswith(f"{parameters:8,} parameters {sum(weights) * 28 * 28:12,} multiplies")


def test_the_published_ratios(page: Page) -> None:
    rows = read_oracle("stacking")["rows"]
    ratios = next(block.shown for block in page.blocks if block.heading == "As wide a view")
    for row, (size, layers), line in zip(rows, SIZES, ratios.splitlines(), strict=True):
        assert (row["field"], row["layers"]) == (size, layers)
        assert (row["one"], row["stacked"]) == (count_weights(size, 1, 1), count_weights(3, layers, 1))
        assert line.endswith(f"ratio {row['ratio']}")


@pytest.mark.parametrize(("size", "layers"), SIZES)
def test_a_stack_sees_as_much(size: int, layers: int) -> None:
    assert see(3, layers) == see(size, 1) == size
