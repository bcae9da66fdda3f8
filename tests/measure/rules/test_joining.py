"""Tensors put together, against the gradient's support."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.rules.support import check_reach
from torch import Tensor

SHAPES = ((2, 3, 4), (2, 3, 4))
FUNCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cat": lambda x, y: torch.cat([x, y[:, :1], x * 2], 1),
    "cat with an empty one": lambda x, y: torch.cat([torch.zeros(0, dtype=x.dtype), y, x], -1),
    "hstack": lambda x, y: torch.hstack([x, y]),
    "vstack": lambda x, y: torch.vstack([x, y]),
    "dstack": lambda x, y: torch.dstack([x, y]),
    "stack": lambda x, y: torch.stack([x, y, x * 2], 1),
    "stack last": lambda x, y: torch.stack([x, y], -1),
    "stack with a constant": lambda x, y: torch.stack([x, torch.ones_like(y)]),
    "stack and take apart": lambda x, y: torch.stack([x, y], 2).flatten(1, 2)[:, 1::2],
    "meshgrid": lambda x, y: torch.stack(torch.meshgrid(x[0, 0], y[0, :, 0], indexing="ij")),
    "slice_scatter": lambda x, y: torch.slice_scatter(x, y[:, :, :2], 2, 1, 4, 2),
    "slice_scatter to the end": lambda x, y: torch.slice_scatter(x, y[:, 1:], 1, 1),
    "select_scatter": lambda x, y: torch.select_scatter(x, y[:, 0], 1, -1),
    "crop and cat": lambda x, y: torch.cat([x[:, :, 1:-1], y[:, :, :2]], 1),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_gradients_support(name: str) -> None:
    check_reach(FUNCTIONS[name], *SHAPES)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reach_is_the_same_under_inference_mode(name: str) -> None:
    check_reach(torch.inference_mode()(FUNCTIONS[name]), *SHAPES, twin=FUNCTIONS[name], most=20)


@settings(max_examples=30, deadline=None)
@given(st.integers(-3, 2), st.lists(st.tuples(st.integers(0, 1), st.integers(1, 3)), min_size=1, max_size=4))
def test_any_cat(dim: int, parts: list[tuple[int, int]]) -> None:
    check_reach(
        lambda *given: torch.cat([given[which].narrow(dim, 0, cells) for which, cells in parts], dim), *((3, 3, 3),) * 2
    )
