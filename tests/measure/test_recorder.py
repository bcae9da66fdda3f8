"""What the recorder sees of memory that is written to, and of who asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from striate.measure.trace import trace


class Call(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x * self.scale)


class Seen(TorchDispatchMode):
    """Every operation that really runs, by name, in order."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "plain": lambda x: F.relu(x) + 1,
    "in place": lambda x: F.relu(x.clone(), inplace=True).mul_(2),
    "views": lambda x: x.transpose(1, 2).reshape(x.shape[0], -1)[:, 1:],
    "pool": lambda x: F.max_pool1d(x, 2),
    "norm": lambda x: F.layer_norm(x, x.shape[1:]),
    "circular": lambda x: F.pad(x, (1, 1), mode="circular"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_forward_operations_are_those_of_a_real_run(name: str) -> None:
    module, x = Call(FUNCTIONS[name]), torch.randn(2, 3, 8)
    with Seen() as seen:
        module(x)
    made = trace(module, (3, 8), 2, mode="train", backward=True)
    recorded = [op.target for op in made.operations if op.phase == "forward" and op.name != "overlay"]
    real = [target for target in seen.names if "detach" not in target]
    if name == "circular":  # asked for a view's node, autograd slices anew: only how often differs
        recorded, real = sorted(set(recorded)), sorted(set(real))
    assert recorded == real


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_backward_operation_that_multiplies_by_the_scale_knows_its_cause(name: str) -> None:
    made = trace(Call(FUNCTIONS[name]), (3, 8), 2, mode="train", backward=True)
    scale = next(op.index for op in made.operations if op.name == "mul")
    assert scale in {operation.cause for operation in made.operations if operation.phase == "backward"}


def test_each_write_makes_another_value() -> None:
    made = trace(Call(lambda x: x.add_(1).mul_(2).relu_()), (3,))
    values = [operation.outputs[0] for operation in made.operations]
    assert len({id(value) for value in values}) == 4
    assert len({value.storage for value in values}) == 1
    assert [operation.arguments[0] for operation in made.operations[1:]] == values[:-1]


def test_calls_are_numbered_and_nested() -> None:
    inner = nn.Sequential(nn.ReLU(), nn.ReLU())
    made = trace(nn.Sequential(inner, inner), (3,))
    assert [(call.path, call.parent) for call in made.calls[1:]] == [
        ("", 0),
        ("0", 1),
        ("0.0", 2),
        ("0.1", 2),
        ("0", 1),
        ("0.0", 5),
        ("0.1", 5),
    ]
    assert [operation.call for operation in made.operations] == [3, 4, 6, 7]
