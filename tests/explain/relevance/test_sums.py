"""Sums as operations, against matrices and loops; what can't be a sum is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.explain.relevance.twin import share_positive, share_signed, write_matrix
from torch import Tensor

from striate.errors import InputError
from striate.explain.relevance import Passing

Run = Callable[[Tensor], Tensor]


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def hand_back(run: Callable[..., Tensor], *inputs: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
    """The relevance of each input, that of the output, and the output."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    with Passing():
        output = run(*leaves)
    due = draw(*output.shape, seed=9)
    return list(torch.autograd.grad(output, leaves, due)), due, output.detach()


KERNEL, BIAS = draw(4, 2, 3, seed=2), draw(4, seed=3)
SLIDING: dict[str, Run] = {
    "dilated": lambda x: F.conv1d(x, KERNEL.repeat(1, 2, 1), dilation=2, padding=1),
    "grouped": lambda x: F.conv1d(x, KERNEL, stride=2, groups=2),
    "transposed": lambda x: F.conv_transpose1d(x, KERNEL, None, 2, 1, 1, 2),
}
WHOLE: dict[str, Run] = {
    "one window": lambda x: F.conv1d(x, draw(3, 4, 6, seed=4)),
    "mean": lambda x: F.avg_pool1d(x, 3, 2, 1, count_include_pad=False),
    "interpolated": lambda x: F.interpolate(x, 9, mode="linear", align_corners=True),
    "matrix": lambda x: x @ draw(6, 3, seed=5),
    "einsum": lambda x: torch.einsum("ncl,lk->nk", x, draw(6, 3, seed=5)),
}


@pytest.mark.parametrize("name", [*SLIDING, *WHOLE])
def test_the_matrix_written_out_gives_the_same(name: str) -> None:
    run = {**SLIDING, **WHOLE}[name]
    x = draw(2, 4, 6)
    (got,), due, output = hand_back(run, x)
    matrix = write_matrix(run, (4, 6))
    for sample in range(2):
        cells, owed = x[sample].flatten().numpy(), due[sample].flatten().numpy()
        value = output[sample].flatten().numpy()
        slides = name in SLIDING
        expected = share_positive(matrix, cells, owed) if slides else share_signed(matrix, cells, owed, value)
        np.testing.assert_allclose(got[sample].flatten().numpy(), expected, rtol=1e-9, atol=1e-9)


def test_a_window_over_all_of_the_input_is_a_dense_layer() -> None:
    weight, x = draw(4, 2, 3, seed=2), draw(5, 2, 3)
    (window,), _, value = hand_back(lambda x: F.conv1d(x, weight, BIAS), x)
    (dense,), _, same = hand_back(lambda x: F.linear(x.flatten(1), weight.flatten(1), BIAS)[..., None], x)
    torch.testing.assert_close(value, same)
    torch.testing.assert_close(window, dense)


def take_away(x: Tensor, y: Tensor) -> Tensor:
    left = x * 1
    left -= y
    return left


MEETINGS: dict[str, tuple[Callable[..., Tensor], float]] = {
    "add": (torch.add, 1.0),
    "alpha": (lambda x, y: torch.add(x, y, alpha=-3), -3.0),
    "sub": (torch.sub, -1.0),
    "sub alpha": (lambda x, y: torch.sub(x, y, alpha=2), -2.0),
    "in place": (lambda x, y: (x * 1).add_(y, alpha=0.5), 0.5),
    "operator in place": (take_away, -1.0),
}


@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 1), (2, 1, 4)])
@pytest.mark.parametrize("name", MEETINGS)
def test_two_tensors_share_by_what_each_brings(name: str, shape: tuple[int, ...]) -> None:
    run, weight = MEETINGS[name]
    x, y = draw(2, 3, 4), draw(*shape, seed=2)
    (left, right), due, output = hand_back(run, x, y)
    expected, others = np.zeros(x.shape), np.zeros(x.shape)
    wide = y.expand_as(x)
    for cell in np.ndindex(*x.shape):
        pair = np.array([float(x[cell]), float(wide[cell])])
        row, owed, value = (np.array([one]) for one in ([1.0, weight], float(due[cell]), float(output[cell])))
        expected[cell], others[cell] = share_signed(row, pair, owed, value)
    np.testing.assert_allclose(left.numpy(), expected, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(right, torch.from_numpy(others).sum_to_size(shape))


@pytest.mark.parametrize("constant", [2.0, draw(3, 1, seed=6), draw(5, 1, 1, seed=6)])
def test_a_constant_keeps_nothing_and_what_was_spread_is_summed(constant: float | Tensor) -> None:
    x = draw(1, 3, 4)
    runs: list[Run] = [lambda x: x + constant, lambda x: constant - x, lambda x: x - constant]
    for run in runs:
        (got,), due, output = hand_back(run, x)
        torch.testing.assert_close(output, run(x))
        torch.testing.assert_close(got, due.sum_to_size(x.shape))


def test_a_step_that_spreads_a_sum_is_not_folded_into_it() -> None:
    def run(x: Tensor) -> Tensor:
        return F.linear(x, draw(1, 4, seed=2)) + draw(3, seed=3)

    x = draw(2, 4)
    (got,), due, output = hand_back(run, x)
    torch.testing.assert_close(output, run(x))
    torch.testing.assert_close(got.sum(1), due.sum(1))


REFUSED: dict[str, tuple[Run, str]] = {
    "conv": (lambda x: F.conv1d(x, x[:, :, :2]), "weights depend"),
    "conv bias": (lambda x: F.conv1d(x, KERNEL.repeat(1, 2, 1), x[0, :, 0]), "weights depend"),
    "linear": (lambda x: F.linear(x, x[0]), "weights depend"),
    "linear bias": (lambda x: F.linear(x, draw(6, 6), x[0, 0]), "weights depend"),
    "matmul": (lambda x: x @ x.mT, "attention"),
    "einsum of three": (lambda x: torch.einsum("ncl,lk,k->nc", x, draw(6, 3), draw(3)), "attention"),
    "bicubic": (lambda x: F.interpolate(x[:, None], (8, 8), mode="bicubic"), "weights below 0"),
    "rsub": (lambda x: torch.rsub(x, x.flip(1)), "both of its arguments"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sum_with_fixed_weights_is_refused(name: str) -> None:
    run, why = REFUSED[name]
    with Passing(), pytest.raises(InputError, match=why):
        run(draw(2, 4, 6).requires_grad_())


def test_a_sum_whose_input_was_overwritten_since_is_refused() -> None:
    x = draw(2, 4, 6).requires_grad_()
    with Passing():
        held = x * 1
        output = F.conv1d(held, KERNEL, groups=2).sum()
        held.mul_(2)
        total = output + held.sum()
    with pytest.raises(InputError, match="overwritten afterwards by an operation in place"):
        torch.autograd.grad(total, x)
