"""Tensors made of nothing: nothing of the input is seen through them."""

from collections.abc import Callable

import pytest
import torch
from tests.measure.rules.support import check_reach
from torch import Tensor

from striate.measure.rules.catalogue import find_rule

MADE: dict[str, Callable[[Tensor], Tensor]] = {
    "zeros_like": torch.zeros_like,
    "ones": lambda x: torch.ones(3, dtype=x.dtype),
    "full_like": lambda x: torch.full_like(x, 2.0),
    "new_zeros": lambda x: x.new_zeros(2, 1),
    "new_full": lambda x: x.new_full((2, 1), 1.0),
    "arange": lambda x: torch.arange(3, dtype=x.dtype),
    "linspace": lambda x: torch.linspace(0, 1, 3, dtype=x.dtype),
    "eye": lambda x: torch.eye(3, dtype=x.dtype)[:2],
    "rand": lambda x: torch.rand(3, dtype=x.dtype),
    "randn_like": torch.randn_like,
    "normal_": lambda x: torch.empty_like(x).normal_(),
    "uniform_": lambda x: torch.empty_like(x).uniform_(),
    "hann_window": lambda x: torch.hann_window(3, dtype=x.dtype),
    "resize_": lambda x: x.new_empty(0).resize_(2, 3).normal_(),
    "resize_as_": lambda x: x.new_empty(0).resize_as_(x).fill_(1),
    "tensor": lambda x: torch.tensor([1.0, 2.0, 3.0], dtype=x.dtype),
    "zero_": lambda x: (x * 1).zero_(),
    "fill_": lambda x: (x * 1).fill_(3.0),
}


@pytest.mark.parametrize("name", MADE)
def test_nothing_is_seen_through_what_is_made_of_nothing(name: str) -> None:
    made = check_reach(lambda x: x.flip(1) + MADE[name](x), (2, 3))
    assert all(find_rule(operation) for operation in made.operations)


def test_copies_and_fills_hold_what_came_last() -> None:
    check_reach(lambda x, y: (x * 1).copy_(y[:, :1]), (2, 3), (2, 3))
    check_reach(lambda x, y: (x * 1).fill_(y[0, 1]), (2, 3), (2, 3))
    check_reach(lambda x, y: torch.ops.aten.copy(x, y[:1]), (2, 3), (2, 3), twin=lambda x, y: y[:1].expand(2, 3) * 1)
