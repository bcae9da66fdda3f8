"""Contributions by the operation's own gradient, against a matrix: each x times w by itself, in loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from tests.explain.relevance.twin import write_matrix
from torch import Tensor

from striate.explain.relevance.contributions import Contributions, Run, Term, sum_parts

Matrix = NDArray[np.float64]
GENERATOR = torch.Generator().manual_seed(4)
DENSE = torch.randn(5, 12, generator=GENERATOR).double()
KERNEL = torch.randn(2, 3, 2, generator=GENERATOR).double()
RUNS: dict[str, tuple[Run, Tensor | None]] = {
    "dense": (lambda x, weight: F.linear(x.flatten(1), DENSE if weight is None else weight), DENSE),
    "convolution": (lambda x, weight: F.conv1d(x, KERNEL if weight is None else weight), KERNEL),
    "mean": (lambda x, _: F.avg_pool1d(x, 2), None),
}


def rule(up: Tensor, down: Tensor, output: Tensor | None, relevance: Tensor) -> tuple[Tensor, Tensor]:
    """Some rule in which nothing cancels: either factor hangs on both sums, on the output and on the relevance."""
    value = up + down if output is None else output
    return relevance * (1 + up - 2 * down), relevance.square() + 3 * down - 0.5 * up + value


def hand_out(parts: list[Matrix], output: Matrix | None, due: Matrix) -> list[Matrix]:
    """What the rule gives each cell, from the contributions [outputs, cells] of each term."""
    got = [np.zeros(part.shape[1]) for part in parts]
    for place in range(len(due)):
        every = [cell for part in parts for cell in part[place]]
        sums = [sum(cell for cell in every if cell > 0), sum(cell for cell in every if cell < 0)]
        value = None if output is None else torch.tensor(output[place])
        up, down = map(torch.tensor, sums)
        first, second = rule(up, down, value, torch.tensor(due[place]))
        for mine, part in zip(got, parts, strict=True):
            mine += [cell * float(first if cell > 0 else second) for cell in part[place]]
    return got


def check(total: Contributions, runs: list[Run], due: Tensor) -> None:
    found = total.hand(due, rule)
    for sample in range(len(due)):
        parts = []
        for term, run in zip(total.terms, runs, strict=True):
            matrix = write_matrix(lambda one, run=run: run(one, None), term.x.shape[1:])  # type: ignore[misc]
            parts.append(matrix * term.x[sample].flatten().numpy())
        if total.scale is not None:
            scale = total.scale.expand_as(due)[sample].flatten().numpy()
            parts = [scale[:, None] * part for part in parts]
        output = None if total.output is None else total.output[sample].flatten().numpy()
        for got, expected in zip(found, hand_out(parts, output, due[sample].flatten().numpy()), strict=True):
            np.testing.assert_allclose(got[sample].flatten().numpy(), expected, rtol=1e-9, atol=1e-9)


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


@pytest.mark.parametrize("sign", ["both", "positive", "negative", "nothing"])
@pytest.mark.parametrize("name", RUNS)
def test_each_contribution_gets_its_factor(name: str, sign: str) -> None:
    run, weight = RUNS[name]
    drawn = draw(2, 3, 4)
    values = {"both": drawn, "positive": drawn.abs(), "negative": -drawn.abs(), "nothing": drawn * 0}[sign]
    check(Contributions([Term(values, run, weight)]), [run], draw(*run(values, weight).shape, seed=2))


@pytest.mark.parametrize("name", RUNS)
def test_a_scale_of_either_sign_counts_as_part_of_the_weights(name: str) -> None:
    run, weight = RUNS[name]
    x = draw(2, 3, 4)
    due = draw(*run(x, weight).shape, seed=2)
    scale, output = draw(*due.shape, seed=3), draw(*due.shape, seed=5)
    scale.flatten()[0] = 0
    check(Contributions([Term(x, run, weight)]).fold(scale, output), [run], due)


def test_a_second_scale_multiplies_the_first_and_the_last_output_counts() -> None:
    run, weight = RUNS["convolution"]
    total = Contributions([Term(draw(2, 3, 4), run, weight)], sliding=True)
    first, second, output = draw(2, 2, 3, seed=6), draw(2, 1, seed=7), draw(2, 2, 3, seed=8)
    folded = total.fold(first, None).fold(second, output)
    assert folded.sliding
    assert folded.output is output
    torch.testing.assert_close(folded.scale, first * second)
    check(folded, [run], draw(2, 2, 3, seed=9))


def test_terms_share_one_sum() -> None:
    names = ("convolution", "convolution")
    terms = [Term(draw(2, 3, 4, seed=seed), *RUNS[name]) for seed, name in enumerate(names)]
    check(Contributions(terms), [RUNS[name][0] for name in names], draw(2, 2, 3, seed=2))


def test_nothing_of_the_callers_is_changed() -> None:
    run, weight = RUNS["dense"]
    assert weight is not None
    x, due = draw(2, 3, 4), draw(2, 5, seed=2)
    before = [tensor.clone() for tensor in (x, weight, due)]
    (got,) = Contributions([Term(x, run, weight)]).hand(due, rule)
    assert all(torch.equal(*pair) for pair in zip((x, weight, due), before, strict=True))
    assert not got.requires_grad


def test_one_part_is_its_own_sum() -> None:
    part = draw(3)
    assert sum_parts([part]) is part
    torch.testing.assert_close(sum_parts([part, part, -part]), part)
