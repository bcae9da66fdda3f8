"""What a convolution would take without sharing or sparsity, counted place by place."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
import torch
from torch import nn

from striate.measure.alternatives import count_alternatives
from striate.measure.trace import trace

CASES = [
    (nn.Conv1d(2, 3, 3, stride=2, bias=False), (2, 9)),
    (nn.Conv2d(4, 6, 3, padding=1, groups=2), (4, 5, 6)),
    (nn.Conv3d(1, 2, 2, dilation=2), (1, 4, 5, 4)),
    (nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, groups=2), (4, 3, 4)),
    (nn.ConvTranspose1d(2, 3, 4, stride=3, bias=False), (2, 5)),
]


@pytest.mark.parametrize(("layer", "shape"), CASES)
def test_they_are_counted_place_by_place(layer: nn.Module, shape: tuple[int, ...]) -> None:
    output = layer(torch.zeros(1, *shape))[0]
    found = count_alternatives(trace(layer, shape, 3).operations[0])
    assert found is not None
    bias = output.numel() if getattr(layer, "bias", None) is not None else 0
    weights = sum(1 for _ in product(range(prod(shape)), range(output.numel())))
    assert found.connected_parameters == weights + bias
    assert found.connected_multiplies == 3 * weights
    walked = shape[1:] if isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d) else output.shape[1:]
    kernels = sum(layer.get_parameter("weight").numel() for _ in product(*map(range, walked)))
    assert found.unshared_parameters == kernels + bias


def test_other_layers_have_none() -> None:
    made = trace(nn.Sequential(nn.Flatten(), nn.Linear(8, 2), nn.ReLU()), (2, 4))
    assert {count_alternatives(operation) for operation in made.operations} == {None}
