"""What works cell by cell, each cell's share by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from striate.errors import InputError
from striate.explain.relevance import Passing
from striate.explain.relevance.pointwise import is_gate

Run = Callable[..., Tensor]


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).double()


def hand_back(run: Run, *inputs: Tensor) -> tuple[list[Tensor], Tensor]:
    """The relevance of each input, 0 where none was reached, and that of the output."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    with Passing():
        output = run(*leaves)
    torch.testing.assert_close(output.detach(), run(*inputs))
    due = draw(*output.shape, seed=9)
    found = torch.autograd.grad(output, leaves, due, allow_unused=True)
    return [torch.zeros_like(x) if got is None else got for got, x in zip(found, inputs, strict=True)], due


ACTIVATIONS: dict[str, Run] = {
    "relu": torch.relu,
    "relu in place": lambda x: (x * 1).relu_(),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "sigmoid in place": lambda x: (x * 1).sigmoid_(),
    "exp": torch.exp,
    "softplus": F.softplus,
    "raised": lambda x: x.clamp(0.5, 1.0),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_keeps_the_share_of_its_value_at_0_cell_by_cell(name: str) -> None:
    run, x = ACTIVATIONS[name], draw(2, 3, 4)
    (got,), due = hand_back(run, x)
    base = float(run(torch.zeros(1).double()))
    for cell, owed in zip(x.flatten(), zip(got.flatten(), due.flatten(), strict=True), strict=True):
        value = float(run(cell[None]))
        share = 1.0 if base == 0 else (value - base) / value
        assert float(owed[0]) == pytest.approx(float(owed[1]) * share)


def test_an_activation_that_has_no_value_at_0_is_refused() -> None:
    with Passing(), pytest.raises(InputError, match=r"`pow`.*value at 0 isn't finite"):
        torch.pow(draw(3).abs().requires_grad_(), -1)


SHAPES = [(2, 3, 4), (3, 1), (2, 1, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_of_two_signals_each_gets_half(shape: tuple[int, ...]) -> None:
    (left, right), due = hand_back(torch.mul, draw(2, 3, 4), draw(*shape, seed=2))
    torch.testing.assert_close(left, due / 2)
    torch.testing.assert_close(right, (due / 2).sum_to_size(shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("gated", [lambda x, y: x * y.sigmoid(), lambda x, y: y.sigmoid() * x])
def test_a_signal_takes_all_from_a_gate_on_either_side(gated: Run, shape: tuple[int, ...]) -> None:
    (signal, gate), due = hand_back(gated, draw(2, 3, 4), draw(*shape, seed=2))
    torch.testing.assert_close(signal, due)
    assert not gate.any()


def test_of_two_gates_each_gets_half() -> None:
    def run(x: Tensor, y: Tensor) -> Tensor:
        return x.sigmoid() * y.sigmoid()

    x, y = draw(2, 3), draw(2, 3, seed=2)
    found, due = hand_back(run, x, y)
    for got, own in zip(found, (x, y), strict=True):
        torch.testing.assert_close(got, due / 2 * (own.sigmoid() - 0.5) / own.sigmoid())


def test_a_square_written_as_a_product_gets_both_halves() -> None:
    (got,), due = hand_back(lambda x: x * x, draw(2, 3))
    torch.testing.assert_close(got, due)


def test_what_is_a_gate() -> None:
    x = draw(2, 3, 4).requires_grad_()
    with Passing():
        gates = [x.sigmoid(), F.hardsigmoid(x), x.sigmoid().view(6, 4).t(), x.sigmoid()[:, 1:]]
        others = [x, x.relu(), x.sigmoid() * 2, x.tanh(), x.sigmoid().sum(1)]
    assert [is_gate(tensor) for tensor in gates] == [True] * len(gates)
    assert [is_gate(tensor) for tensor in others] == [False] * len(others)


AFFINE: dict[str, Run] = {
    "number": lambda x: x * -3,
    "other way round": lambda x: -3 * x,
    "tensor": lambda x: x * draw(3, 1, seed=2),
    "divided": lambda x: x / draw(3, 1, seed=2),
    "negative": lambda x: -x,
    "in place": lambda x: (x * 1).mul_(2).div_(3),
    "addcmul": lambda x: torch.addcmul(draw(3, 1, seed=2), x, draw(4, seed=3)),
    "addcmul, second": lambda x: torch.addcmul(draw(3, 1, seed=2), draw(4, seed=3), x),
}


@pytest.mark.parametrize("name", AFFINE)
def test_an_affine_step_by_itself_passes_all_on(name: str) -> None:
    (got,), due = hand_back(AFFINE[name], draw(2, 3, 4))
    torch.testing.assert_close(got, due)


@pytest.mark.parametrize("run", [lambda x: x * draw(5, 1, 1, seed=2), lambda x: x / draw(5, 1, 1, seed=2)])
def test_a_factor_that_spreads_the_signal_sums_what_comes_back(run: Run) -> None:
    (got,), due = hand_back(run, draw(3, 4))
    torch.testing.assert_close(got, due.sum(0))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_divisor_gets_nothing(shape: tuple[int, ...]) -> None:
    (over, under), due = hand_back(lambda x, y: x / y, draw(2, 3, 4), draw(*shape, seed=2))
    torch.testing.assert_close(over, due)
    assert not under.any()
    (narrow, _), due = hand_back(lambda x, y: x / y, draw(*shape, seed=2), draw(2, 3, 4))
    torch.testing.assert_close(narrow, due.sum_to_size(shape))


@pytest.mark.parametrize("axis", [None, 1, 2, -1])
def test_the_half_that_is_no_gate_gets_all(axis: int | None) -> None:
    x = draw(2, 4, 6)
    (got,), due = hand_back(F.glu if axis is None else (lambda x: F.glu(x, axis)), x)
    signal, gate = got.chunk(2, -1 if axis is None else axis)
    assert torch.equal(signal, due)
    assert not gate.any()


@pytest.mark.parametrize("run", [lambda x: x.softmax(1), lambda x: x.log_softmax(1)])
def test_a_softmax_shares_out_the_scores_it_was_made_of(run: Run) -> None:
    x = draw(2, 5)
    (got,), due = hand_back(run, x)
    torch.testing.assert_close(got, due * x)


REFUSED: dict[str, tuple[Run, str]] = {
    "rounded": (lambda x: torch.div(x, 2, rounding_mode="floor"), "or it rounds"),
    "a constant divided": (lambda x: torch.div(draw(3), x), "what it divides doesn't depend"),
    "addcmul summand": (lambda x: torch.addcmul(x, draw(3), draw(3)), "summand depends"),
    "addcmul value": (lambda x: torch.addcmul(draw(3), x, draw(3), value=2), "has a `value`"),
    "addcmul both": (lambda x: torch.addcmul(draw(3), x, x.flip(0)), "several of its arguments"),
    "two bounds": (lambda x: x.clamp(x.flip(0)), "several of its arguments"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_affine_step_is_refused(name: str) -> None:
    run, why = REFUSED[name]
    with Passing(), pytest.raises(InputError, match=why):
        run(draw(3).requires_grad_())
