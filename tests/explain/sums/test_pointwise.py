"""Formulas of one cell against torch's own functions on that number alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from tests.explain.sums.asking import ask
from torch import Tensor, nn

from striate.explain.sums.pointwise import ACTIVATIONS, spell_parametric, spell_pointwise
from striate.explain.sums.spelled import write_number

X = torch.tensor([[[-30.0, -2.5, -0.0, 0.3, 1.0, 25.0]]])


class Does(nn.Module):
    def __init__(self, does: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.does = does

    def forward(self, x: Tensor) -> Tensor:
        return self.does(x)


def find(name: str) -> Callable[[Tensor], Tensor]:
    found: Callable[[Tensor], Tensor] = getattr(torch, name, None) or getattr(nn.functional, name)
    return found


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_a_formula_comes_to_what_torch_says(name: str) -> None:
    x = X.abs() + 0.1 if name in ("sqrt", "rsqrt") else X + 0.2
    for place in range(x.shape[-1]):
        step, operands = spell_pointwise(ask(Does(find(name)), x, 0, place))
        wanted = float(find(name)(x[0, 0, place].double()))
        assert step.total == pytest.approx(wanted, rel=1e-9, abs=1e-300)
        assert step.formula.endswith(f"= {write_number(step.total)}")
        assert [cell for _, cell in operands] == [(0, 0, place)]


JOINS: list[tuple[str, Callable[[Tensor], Tensor]]] = [
    ("+", lambda x: x.exp() + x), ("-", lambda x: x - 2 * x), ("*", lambda x: x * x.sin()),
    ("/", lambda x: x / (x.abs() + 1)), ("^", lambda x: x**2),
]  # fmt: skip


@pytest.mark.parametrize(("sign", "does"), JOINS, ids=[sign for sign, _ in JOINS])
def test_branches_meet(sign: str, does: Callable[[Tensor], Tensor]) -> None:
    step, _ = spell_pointwise(ask(Does(does), X, 0, 4))
    assert f" {sign} " in step.formula
    assert step.total == pytest.approx(float(does(X[0, 0, 4].double())), rel=1e-6)


@pytest.mark.parametrize("place", range(6))
def test_limits_hold(place: int) -> None:
    x = float(X[0, 0, place])
    assert spell_pointwise(ask(nn.Hardtanh(-0.5, 0.75), X, 0, place))[0].total == min(max(x, -0.5), 0.75)
    assert spell_pointwise(ask(Does(lambda x: x.clamp(min=-1)), X, 0, place))[0].total == max(x, -1)


def test_what_has_no_formula_here_is_asked_for_that_cell() -> None:
    step, _ = spell_pointwise(ask(nn.GELU("tanh"), X, 0, 3))
    inner = 0.3 + 0.044715 * 0.3**3
    wanted = 0.15 * (1 + float(torch.tanh(torch.tensor(inner, dtype=torch.float64) * (2 / torch.pi) ** 0.5)))
    assert step.total == pytest.approx(wanted, rel=1e-6)
    assert step.formula.startswith("gelu(0.3")


def test_a_channel_s_own_slope() -> None:
    module = nn.PReLU(2).requires_grad_(False)
    nn.init.uniform_(module.weight)
    x = torch.tensor([[[1.5, -2.0], [0.5, -4.0]]])
    assert spell_parametric(ask(module, x, 1, 0))[0].total == 0.5
    assert spell_parametric(ask(module, x, 1, 1))[0].total == -4 * float(module.weight[1])
