"""Shuffled cells: the same training with every gradient worked out by hand, in numpy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.datasets import load_digits
from tests.worked.pages import Page, run_page

import striate

Array = npt.NDArray[np.float64]
Weights = dict[str, Array]
Labels = npt.NDArray[np.int64]
Back = Callable[[Array], Weights]
Network = Callable[[Weights, Array], tuple[Array, Back]]
LEARNED, STEPS, SHOWN = 1000, 61, (0, 20, 40, 60)


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("shuffling")


def read_digits(page: Page) -> tuple[Array, Array, Labels]:
    """The digits, row by row; the same with the page's order of cells; their labels."""
    digits = load_digits()
    pictures = digits.images.reshape(-1, 64) / 16
    return pictures, pictures[:, page.names["order"].numpy()], digits.target


def draw(text: str) -> Weights:
    """The weights that the network begins with."""
    module = striate.build(text, input=(1, 8, 8), classes=10)
    return {name: parameter.detach().double().numpy() for name, parameter in module.named_parameters()}


def run_mlp(w: Weights, x: Array) -> tuple[Array, Back]:
    """The scores, and what turns the scores' gradient into that of every weight."""
    summed = x @ w["fc1.weight"].T + w["fc1.bias"]
    hidden = np.maximum(summed, 0)

    def back(told: Array) -> Weights:
        below = told @ w["fc2.weight"] * (summed > 0)
        first = {"fc1.weight": below.T @ x, "fc1.bias": below.sum(0)}
        return {**first, "fc2.weight": told.T @ hidden, "fc2.bias": told.sum(0)}

    return hidden @ w["fc2.weight"].T + w["fc2.bias"], back


def cut_blocks(pictures: Array) -> Array:
    """The 5x5 patches of each picture, by the four 4x4 blocks that their middles stand in.

    Shape:  [N, 64] -> [N, 4, 16, 25].
    """
    padded = np.pad(pictures.reshape(-1, 8, 8), ((0, 0), (2, 2), (2, 2)))
    patches = np.stack([padded[:, i : i + 8, j : j + 8] for i in range(5) for j in range(5)], axis=-1)
    return patches.reshape(-1, 2, 4, 2, 4, 25).transpose(0, 1, 3, 2, 4, 5).reshape(-1, 4, 16, 25)


def run_convolution(w: Weights, blocks: Array) -> tuple[Array, Back]:
    """The same for a 5x5 convolution, relu, a maximum over 4x4 and a dense layer."""
    summed = blocks @ w["conv1.weight"].reshape(16, 25).T + w["conv1.bias"]
    winners = summed.argmax(axis=2)
    largest = np.take_along_axis(summed, winners[:, :, None], axis=2)[:, :, 0]
    flat = np.maximum(largest, 0).transpose(0, 2, 1).reshape(len(blocks), -1)

    def back(told: Array) -> Weights:
        below = (told @ w["fc1.weight"]).reshape(-1, 16, 4).transpose(0, 2, 1) * (largest > 0)
        won = np.take_along_axis(blocks, winners[..., None], axis=2)
        kernels = np.einsum("nbk,nbkt->kt", below, won).reshape(16, 1, 5, 5)
        first = {"conv1.weight": kernels, "conv1.bias": below.sum((0, 1))}
        return {**first, "fc1.weight": told.T @ flat, "fc1.bias": told.sum(0)}

    return flat @ w["fc1.weight"].T + w["fc1.bias"], back


def train(run: Network, w: Weights, x: Array, labels: Labels) -> list[float]:
    """The losses that the page shows, and how many of the others are named rightly."""
    velocity = {name: np.zeros_like(weight) for name, weight in w.items()}
    losses, right = [], np.eye(10)[labels[:LEARNED]]
    for _ in range(STEPS):
        scores, back = run(w, x[:LEARNED])
        shares = np.exp(scores - scores.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        losses.append(float(-np.log((shares * right).sum(1)).mean()))
        gradients = back((shares - right) / LEARNED)
        velocity = {name: 0.9 * velocity[name] + gradients[name] for name in w}
        w = {name: w[name] - 0.1 * velocity[name] for name in w}
    named = run(w, x[LEARNED:])[0].argmax(1) == labels[LEARNED:]
    return [*(losses[step] for step in SHOWN), float(named.sum())]


def lay_out(page: Page, straight: list[float], crooked: list[float]) -> list[float]:
    """The numbers of the page's table, line by line."""
    first = [*SHOWN, len(page.names["labels"]) - LEARNED]
    columns = [[round(number, 3) for number in each] for each in (straight, crooked)]
    return [number for line in zip(first, *columns, strict=True) for number in line]


def test_the_picture_and_its_shuffled_twin(page: Page) -> None:
    pictures, shuffled, _ = read_digits(page)
    lines = []
    for row in range(8):
        cells = [each[0, 8 * row : 8 * row + 8] for each in (pictures, shuffled)]
        lines.append("        ".join("".join(2 * " .:oO@"[int(5 * cell)] for cell in part) for part in cells).rstrip())
    assert page.blocks[0].shown.rstrip("\n").split("\n") == lines
    assert sorted(page.names["order"].tolist()) == list(range(64))


def test_an_mlp_is_indifferent(page: Page) -> None:
    pictures, shuffled, labels = read_digits(page)
    weights = draw("flatten, fc-64, relu, fc-classes")
    turned = {**weights, "fc1.weight": weights["fc1.weight"][:, page.names["order"].numpy()]}
    straight, crooked = train(run_mlp, weights, pictures, labels), train(run_mlp, turned, shuffled, labels)
    np.testing.assert_allclose(straight, crooked, rtol=1e-9)
    heading = "An mlp is indifferent"
    assert page.list_numbers(heading, 1) == lay_out(page, straight, crooked)


def test_a_convolution_is_not(page: Page) -> None:
    pictures, shuffled, labels = read_digits(page)
    weights = draw("conv5-16, relu, maxpool4, flatten, fc-classes")
    straight, crooked = (train(run_convolution, weights, cut_blocks(x), labels) for x in (pictures, shuffled))
    heading = "A convolution is not"
    assert page.list_numbers(heading) == lay_out(page, straight, crooked)
    assert abs(straight[0] - crooked[0]) > 0.01
    assert straight[-2] < crooked[-2]
    assert straight[-1] > crooked[-1]


def test_no_order_of_the_weights_makes_up_for_it(page: Page) -> None:
    """The cells that an output meets among shuffled ones are no 5x5 block of the picture."""
    order = page.names["order"].tolist()
    blocks = {
        frozenset(8 * (top + i) + left + j for i in range(5) for j in range(5)) for top in range(4) for left in range(4)
    }
    assert all(frozenset(order[place] for place in block) not in blocks for block in blocks)


def test_parameters(page: Page) -> None:
    assert page.list_numbers("A convolution is not", 1) == [64 * 64 + 64 + 64 * 10 + 10, 16 * 25 + 16 + 64 * 10 + 10]
