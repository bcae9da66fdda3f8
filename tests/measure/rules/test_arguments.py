"""Arguments by name: what was given by place, by keyword, or not at all."""

from __future__ import annotations

import pytest
import torch
from tests.measure.rules.support import Call
from torch import Tensor

from striate.measure.rules.arguments import count_axes, find_argument, repeat_numbers
from striate.measure.trace import trace


@pytest.mark.parametrize(
    ("keepdim", "name"),
    [
        (lambda x: x.amax(1, True), "amax"),
        (lambda x: x.var(1, keepdim=True), "var"),
        (lambda x: torch.ops.aten.sum.dim_IntList(x, [1], keepdim=True), "sum"),
    ],
)
def test_by_place_or_by_keyword(keepdim: Call, name: str) -> None:
    (operation,) = trace(Call(keepdim), (3, 4)).operations
    assert operation.name == name
    assert (find_argument(operation, "keepdim"), find_argument(operation, "dim")) == (True, [1])


def test_what_is_not_given_has_the_schemas_default() -> None:
    def pool(x: Tensor) -> Tensor:
        return torch.ops.aten.avg_pool2d(x, [2, 2])  # type: ignore[no-any-return]

    (operation,) = trace(Call(pool), (3, 4, 4)).operations
    assert find_argument(operation, "stride") == []
    assert find_argument(operation, "count_include_pad") is True
    assert find_argument(operation, "dilation") is None
    assert count_axes(operation) == 2
    assert repeat_numbers(find_argument(operation, "padding"), 2) == (0, 0)
