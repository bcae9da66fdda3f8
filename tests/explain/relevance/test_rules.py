from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from striate.explain.relevance.rules import EPSILON, divide, share_positive, share_signed

CASES = [(4.0, -1.0), (0.0, -3.0), (2.0, 0.0), (1.0, -1.0), (1e-20, -2.0)]


@pytest.mark.parametrize("rule", [share_positive, share_signed])
@pytest.mark.parametrize(("up", "down"), CASES)
@pytest.mark.parametrize("output", [None, 0.3, -2.0, 0.0])
def test_all_that_is_given_is_given_away(
    rule: Callable[..., tuple[Tensor, Tensor]], up: float, down: float, output: float | None
) -> None:
    high, low, due = torch.tensor(up).double(), torch.tensor(down).double(), torch.tensor(7.0).double()
    value = None if output is None else torch.tensor(output).double()
    first, second = rule(high, low, value, due)
    assert float(first * high + second * low) == pytest.approx(7.0)


@pytest.mark.parametrize("rule", [share_positive, share_signed])
def test_where_nothing_was_contributed_the_bias_keeps_all(rule: Callable[..., tuple[Tensor, Tensor]]) -> None:
    nothing = torch.zeros(1)
    for factor in rule(nothing, nothing, torch.ones(1), torch.ones(1)):
        assert factor.isfinite().all()


def test_only_what_spoke_for_it_gets_any() -> None:
    first, second = share_positive(torch.tensor([4.0, 0.0]), torch.tensor([-1.0, -2.0]), None, torch.tensor([1.0, 1.0]))
    assert first.tolist() == [0.25, 0.0]
    assert second.tolist() == [0.0, -0.5]


def test_no_share_grows_past_what_the_stabiliser_allows() -> None:
    up, down = torch.tensor(1.0).double(), torch.tensor(-1.0).double()
    for output in torch.linspace(-1, 1, 41).double():
        for factor in share_signed(up, down, output, torch.ones(()).double()):
            assert abs(float(factor)) <= 2 / EPSILON


def test_a_division_by_nothing_is_nothing() -> None:
    by = torch.tensor([0.0, 1e-38, 1e-10, 2.0])
    assert divide(torch.ones(4), by).tolist() == pytest.approx([0.0, 0.0, 1e10, 0.5])
