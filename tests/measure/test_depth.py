"""Depth, against every way through the graph, walked one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from striate.measure.depth import count_depths, multiplies_by_parameters
from striate.measure.operation import Value
from striate.measure.trace import Trace, trace
from striate.nets import parse
from striate.nets.build import make_module


def list_ways(value: Value) -> Iterator[int]:
    """The weighted layers on each way from a value back to where it comes from."""
    if value.maker is None:
        yield 0
        return
    own = multiplies_by_parameters(value.maker)
    for source in value.maker.inputs:
        for way in list_ways(source):
            yield way + own


def find_depth(made: Trace) -> int:
    return count_depths(made)[id(made.outputs[0])]


@pytest.mark.parametrize(
    "text",
    [
        "conv3-4, relu, conv3-4, gap, flatten, fc-3",
        "add[conv3-4, conv3-4, conv3-4 | conv1-4], conv3-2",
        "cat[conv3-4 | cat[conv3-2, conv3-2 | ] | conv3-4, add[ | conv3-4]]",
        "bn, relu, maxpool2",
    ],
)
def test_it_is_the_longest_of_all_ways(text: str) -> None:
    made = trace(make_module(parse(text), (2, 8), device="meta"), (2, 8))
    assert find_depth(made) == max(list_ways(made.outputs[0]))


def test_a_product_of_data_with_data_is_no_layer() -> None:
    class Similar(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            made = self.fc(x)
            return torch.bmm(made, made.transpose(1, 2))

    made = trace(Similar(), (3, 4))
    assert find_depth(made) == max(list_ways(made.outputs[0])) == 1
