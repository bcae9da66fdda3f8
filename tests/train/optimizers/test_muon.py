from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from striate.train.optimizers.muon import Muon, orthogonalise


def draw_matrix(rows: int, columns: int, seed: int) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99), st.integers(1, 4))
def test_against_the_polynomial_of_the_singular_values(rows: int, columns: int, seed: int, rounds: int) -> None:
    matrix = draw_matrix(rows, columns, seed)
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    values = values / (matrix.square().sum().sqrt() + 1e-7)
    for _ in range(rounds):
        values = 3.4445 * values - 4.7750 * values**3 + 2.0315 * values**5
    assert torch.allclose(orthogonalise(matrix, rounds), left @ values.diag() @ right, atol=1e-9)


def test_five_rounds_bring_singular_values_near_one() -> None:
    values = torch.linalg.svdvals(orthogonalise(draw_matrix(8, 30, 0), rounds=5))
    assert values.min() > 0.6
    assert values.max() < 1.3


def test_a_batch_of_matrices_is_each_by_itself() -> None:
    both = torch.stack([draw_matrix(4, 6, 0), draw_matrix(4, 6, 1)])
    assert torch.allclose(orthogonalise(both), torch.stack([orthogonalise(one) for one in both]))
    assert orthogonalise(torch.zeros(3, 2)).abs().max() == 0


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize("shape", [(6, 3), (4, 2, 3), (5, 2, 3, 3), (4, 1, 2, 2, 2)])
def test_steps_against_plain_arithmetic(shape: tuple[int, ...], normalise: bool) -> None:
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()
    expected, velocity = weight.detach().clone(), torch.zeros(shape, dtype=torch.float64)
    optimizer = Muon({"bank": weight}, momentum=0.6, weight_decay=0.1, normalise=normalise)
    for step in range(3):
        gradient = torch.randn(shape, generator=torch.Generator().manual_seed(step), dtype=torch.float64)
        weight.grad = gradient.clone()
        optimizer.step(0.2)
        velocity = 0.6 * velocity + gradient
        if normalise:
            expected = expected * shape[0] ** 0.5 / expected.square().sum().sqrt()
        update = orthogonalise((gradient + 0.6 * velocity).reshape(shape[0], -1)).reshape(shape)
        expected = expected * (1 - 0.2 * 0.1) - 0.2 * update
        assert torch.equal(weight.grad, gradient)
    assert torch.allclose(weight, expected)
