"""The slow twins: convolution, pooling and gradients on lists of numbers, in plain loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

Row = list[float]
Map = list[Row]


def pad(cells: Sequence[Sequence[float]], before: int) -> Map:
    """A border of zeros on all sides."""
    height, width = len(cells), len(cells[0])
    padded = [[0.0] * (width + 2 * before) for _ in range(height + 2 * before)]
    for row in range(height):
        for column in range(width):
            padded[row + before][column + before] = cells[row][column]
    return padded


def correlate(cells: Map, kernel: Map, stride: int = 1) -> Map:
    """The sum of the products at every place where the kernel fits."""
    size = len(kernel)
    rows, columns = ((extent - size) // stride + 1 for extent in (len(cells), len(cells[0])))
    result = []
    for row in range(rows):
        result.append([0.0] * columns)
        for column in range(columns):
            for down in range(size):
                for right in range(size):
                    result[row][column] += cells[row * stride + down][column * stride + right] * kernel[down][right]
    return result


def convolve(first: Map, second: Map) -> Map:
    """The full convolution, as the product of two polynomials in two unknowns."""
    height, width = len(first) + len(second) - 1, len(first[0]) + len(second[0]) - 1
    result = [[0.0] * width for _ in range(height)]
    for i, row in enumerate(first):
        for j, a in enumerate(row):
            for k, other in enumerate(second):
                for m, b in enumerate(other):
                    result[i + k][j + m] += a * b
    return result


def add(*maps: Map, bias: float = 0.0) -> Map:
    """The sum cell by cell."""
    return [[sum(cells) + bias for cells in zip(*rows, strict=True)] for rows in zip(*maps, strict=True)]


def convolve_layer(
    x: Sequence[Map], w: Sequence[Sequence[Map]], bias: Sequence[float], stride: int, before: int
) -> list[Map]:
    """A layer on a picture of several channels: for each filter, the channels' maps and the bias, added."""
    padded = [pad(channel, before) for channel in x]
    return [
        add(*(correlate(channel, part, stride) for channel, part in zip(padded, kernel, strict=True)), bias=added)
        for kernel, added in zip(w, bias, strict=True)
    ]


def pool(cells: Map, reduce: Callable[[Sequence[float]], float]) -> Map:
    """2x2 blocks, each reduced to a number."""
    return [
        [
            reduce([cells[row][column], cells[row][column + 1], cells[row + 1][column], cells[row + 1][column + 1]])
            for column in range(0, len(cells[0]), 2)
        ]
        for row in range(0, len(cells), 2)
    ]


def mean(cells: Sequence[float]) -> float:
    return sum(cells) / len(cells)


def relu(cells: Map) -> Map:
    return [[cell if cell > 0 else 0.0 for cell in row] for row in cells]


def flatten(nested: Any) -> Iterator[float]:
    """Every number of nested lists, the last axis fastest."""
    for part in nested:
        if isinstance(part, list | tuple):
            yield from flatten(part)
        else:
            yield float(part)


def lay_beside(*maps: Map) -> list[float]:
    """The numbers of maps printed side by side: first rows, second rows, ..."""
    return list(flatten(list(zip(*maps, strict=True))))


def differentiate(loss: Callable[[Map], float], cells: Map, step: float = 2.0**-10) -> Map:
    """The gradient of a loss by moving one cell at a time, both ways."""
    gradient = [[0.0] * len(row) for row in cells]
    for row in range(len(cells)):
        for column in range(len(cells[0])):
            moved = [[list(line) for line in cells] for _ in range(2)]
            moved[0][row][column] += step
            moved[1][row][column] -= step
            gradient[row][column] = (loss(moved[0]) - loss(moved[1])) / (2 * step)
    return gradient


def weigh(cells: Map, weights: Map) -> float:
    """The sum of the products of two maps: a loss whose gradient is `weights`."""
    return sum(a * b for a, b in zip(flatten(cells), flatten(weights), strict=True))
