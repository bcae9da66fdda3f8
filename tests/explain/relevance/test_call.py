from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from striate.explain.relevance.call import Call, make_call

SPELT: list[tuple[Callable[[Tensor], Any], str, bool]] = [
    (lambda x: x + 1, "add", False),
    (lambda x: 1 + x, "add", False),
    (lambda x: torch.add(x, 1), "add", False),
    (lambda x: x.__iadd__(1), "add", True),
    (lambda x: x.add_(1), "add", True),
    (lambda x: x / 2, "div", False),
    (lambda x: torch.true_divide(x, 2), "div", False),
    (lambda x: x.relu(), "relu", False),
    (lambda x: torch.relu_(x), "relu", True),
    (lambda x: F.relu(x), "relu", False),
    (lambda x: F.relu(x, True), "relu", True),
    (lambda x: F.relu(input=x, inplace=True), "relu", True),
    (lambda x: F.hardtanh(x, 0.0, 6.0, True), "hardtanh", True),
    (lambda x: x**2, "pow", False),
    (lambda x: x @ x, "matmul", False),
    (lambda x: x.clip(0, 1), "clamp", False),
    (lambda x: x.data, "data", False),
    (lambda x: -x, "neg", False),
    (lambda x: F.threshold(x, 0.0, 0.0), "threshold", False),
]


class Listening(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls.append(make_call(func, args, kwargs or {}, "layer"))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("run", "name", "overwrites"), SPELT)
def test_a_call_is_known_by_one_name_however_it_is_spelt(
    run: Callable[[Tensor], Any], name: str, overwrites: bool
) -> None:
    x = torch.rand(3, 3)
    with Listening() as listening:
        run(x)
    (call, *_) = listening.calls
    assert (call.name, call.overwrites) == (name, overwrites)
    assert call[0] is x


@pytest.mark.parametrize("run", [case[0] for case in SPELT if case[2]])
def test_asking_for_the_value_overwrites_nothing(run: Callable[[Tensor], Any]) -> None:
    x = torch.linspace(-1, 1, 9).reshape(3, 3)
    before = x.clone()
    with Listening() as listening:
        run(x)
    after = x.clone()
    x.copy_(before)
    found = listening.calls[0].value()
    assert torch.equal(found, after)
    assert torch.equal(x, before)
    assert not torch.equal(before, after)
