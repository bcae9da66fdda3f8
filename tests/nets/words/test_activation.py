from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from striate.nets import parse
from striate.nets.build import make_module

FORMULAS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(0.0, x),
    "relu6": lambda x: min(6.0, max(0.0, x)),
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + math.exp(-x)),
    "tanh": lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}


@pytest.mark.parametrize("word", FORMULAS)
def test_value_by_value(word: str) -> None:
    x = torch.linspace(-8, 8, 33, dtype=torch.float64)
    expected = torch.tensor([FORMULAS[word](value) for value in x.tolist()], dtype=torch.float64)
    torch.testing.assert_close(make_module(parse(word), (33,))(x[None])[0], expected)


@pytest.mark.parametrize("shape", [(5,), (5, 4), (5, 3, 2)])
def test_softmax_is_over_the_channels(shape: tuple[int, ...]) -> None:
    x = torch.randn(2, *shape, dtype=torch.float64)
    expected = x.exp() / x.exp().sum(1, keepdim=True)
    torch.testing.assert_close(make_module(parse("softmax"), shape)(x), expected)
