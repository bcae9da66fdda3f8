"""Parts taken by position, against the gradient's support."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import Call, check_reach
from torch import Tensor

from striate.measure.operation import Operation
from striate.measure.rules.catalogue import find_rule
from striate.measure.trace import trace

PLANE = (2, 4, 5, 6)
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "slices": lambda x: x[..., -5:-1:2, None, ::3],
    "crop": lambda x: x[:, :, 1:-1, 2:],
    "beyond the end": lambda x: x[:, :, 2:100],
    "select": lambda x: x[:, -1] * x[:, 0],
    "narrow": lambda x: x.narrow(2, 1, 3),
    "chunk": lambda x: x.chunk(3, 2)[2],
    "unsafe_chunk": lambda x: torch.unsafe_chunk(x, 2, -1)[1],
    "split": lambda x: torch.split(x, 2, 2)[1],
    "split by sizes": lambda x: torch.split(x, [1, 3, 2], -1)[1],
    "unsafe_split": lambda x: torch.unsafe_split_with_sizes(x, [1, 3], 1)[1],
    "tensor_split": lambda x: torch.tensor_split(x, 3, 2)[1],
    "tensor_split at places": lambda x: torch.tensor_split(x, [1, 4], 2)[2],
    "unbind": lambda x: x.unbind(2)[3],
    "all of unbind": lambda x: torch.cat([part * 2 for part in x.unbind(-1)]),
    "unbind by hand": lambda x: [part * 2 for part in x][1],
    "flip": lambda x: x.flip((1, -1)),
    "fliplr": lambda x: torch.fliplr(x),
    "roll": lambda x: x.roll((1, 2, -4), (2, 1, 2)),
    "roll all": lambda x: x.roll(3),
    "repeat": lambda x: x.repeat(1, 2, 1, 3),
    "repeat in new axes": lambda x: x[0].repeat(3, 1, 2, 1),
    "tile": lambda x: x.tile(2, 1),
    "repeat_interleave": lambda x: x.repeat_interleave(2, dim=2),
    "repeat_interleave all": lambda x: x[0, 0].repeat_interleave(3),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_gradients_support(name: str) -> None:
    check_reach(FUNCTIONS[name], PLANE, most=80)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_same_under_inference_mode(name: str) -> None:
    check_reach(torch.inference_mode()(FUNCTIONS[name]), PLANE, twin=FUNCTIONS[name], most=20)


@settings(max_examples=60, deadline=None)
@given(st.integers(-2, 1), st.integers(-6, 6), st.integers(-6, 6), st.integers(1, 4))
def test_any_slice(dim: int, start: int, end: int, step: int) -> None:
    index = [slice(None), slice(None)]
    index[dim] = slice(start, end, step)
    if torch.zeros(3, 5)[tuple(index)].numel():
        check_reach(lambda x: x[tuple(index)], (3, 5))


def _find(function: Callable[[Tensor], Tensor]) -> Operation:
    return trace(Call(function), PLANE[1:], batch=2).operations[-1]


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x: x[:, :, 1:-1], "crop"),
        (lambda x: x[:, 1:], "slice"),
        (lambda x: x[:, :, ::2], "slice"),
        (lambda x: x[:, 0], "select"),
        (lambda x: x.chunk(2)[0], "split"),
    ],
)
def test_kinds(function: Callable[[Tensor], Tensor], kind: str) -> None:
    operation = _find(function)
    rule = find_rule(operation)
    assert rule is not None
    assert kind == (rule.kind if isinstance(rule.kind, str) else rule.kind(operation))
    assert rule.multiplies is None
