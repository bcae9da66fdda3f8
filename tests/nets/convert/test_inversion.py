"""The input found against the pseudo-inverse of the impulse responses, and against the input that there was."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.nets.convert.test_matrix import probe
from torch import nn

from striate.errors import InputError, ShapeError
from striate.layers import make_convolution
from striate.nets.convert import inversion, solve_input

CASES = [
    (nn.Conv1d(1, 3, 3, padding=1), (1, 6)),
    (nn.Conv2d(1, 4, 3, padding=1), (1, 4, 4)),
    (nn.Conv2d(2, 2, 3), (2, 5, 4)),  # fewer numbers come out than go in
    (nn.Conv2d(1, 3, 2, stride=3), (1, 5, 5)),  # some cells are never read
    (nn.ConvTranspose2d(2, 1, 3, stride=2), (2, 2, 3)),
    (make_convolution(1, 1, 2, 3, pads=[(2, 0)], fill=2.0), (1, 5)),
]


@pytest.mark.parametrize(("conv", "input"), CASES)
@pytest.mark.parametrize("dense", [True, False])
def test_it_is_the_pseudo_inverse(
    conv: nn.Module, input: tuple[int, ...], dense: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not dense:
        monkeypatch.setattr(inversion, "MOST_DENSE", 0)
    torch.manual_seed(1)
    conv = conv.double()
    nothing = conv(torch.zeros(1, *input, dtype=torch.float64)).detach()
    output = torch.randn(3, *nothing.shape[1:], dtype=torch.float64)
    expected = np.linalg.pinv(probe(conv, input)) @ (output - nothing).flatten(1).numpy().T
    found = solve_input(conv, output, input)
    assert found.shape == (3, *input)
    np.testing.assert_allclose(found.flatten(1).numpy(), expected.T, atol=1e-7)


@pytest.mark.parametrize(("conv", "input"), [CASES[0], CASES[1], CASES[4], CASES[5]])
def test_there_and_back_where_nothing_is_lost(conv: nn.Module, input: tuple[int, ...]) -> None:
    conv = conv.double()
    assert np.linalg.matrix_rank(probe(conv, input)) == np.prod(input)
    batch = torch.randn(2, *input, dtype=torch.float64)
    output = conv(batch)
    found = solve_input(conv, output, input)
    torch.testing.assert_close(found, batch, rtol=1e-7, atol=1e-7)
    assert not found.requires_grad
    assert (conv(found) - output).abs().max() < 1e-8


def test_the_residual_is_square_to_all_that_the_convolution_can_make() -> None:
    conv = nn.Conv2d(1, 4, 3, padding=1).double()
    output = torch.randn(1, 4, 4, 4, dtype=torch.float64)
    residual = conv(solve_input(conv, output, (1, 4, 4))) - output
    assert residual.norm() > 0.1
    assert np.abs(probe(conv, (1, 4, 4)).T @ residual.detach().flatten().numpy()).max() < 1e-8


def test_the_answer_has_the_outputs_type() -> None:
    conv = nn.Conv1d(1, 2, 3, padding=1)
    found = solve_input(conv, conv(torch.randn(0, 1, 4)), (1, 4))
    assert found.shape == (0, 1, 4)
    assert found.dtype == torch.float32


def test_strange_outputs() -> None:
    conv = nn.Conv1d(1, 2, 3, padding=1)
    with pytest.raises(ShapeError, match=r"found an output of 2x4, needed \[N, \*output\] with an output of 2x4"):
        solve_input(conv, torch.zeros(2, 4), (1, 4))
    with pytest.raises(InputError, match="needed one convolution"):
        solve_input(nn.ReLU(), torch.zeros(1, 2, 4), (1, 4))


def test_an_iteration_that_does_not_settle_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inversion, "MOST_DENSE", 0)
    monkeypatch.setattr(inversion, "STEPS", 0.2)
    conv = nn.Conv1d(1, 1, 3, padding=1)
    with pytest.raises(InputError, match="didn't settle within"):
        solve_input(conv, torch.randn(1, 1, 30), (1, 30))
