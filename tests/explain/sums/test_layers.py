"""The layers of a trace: every module that computes once for each call, and what stands beside modules."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import striate
from striate.explain.sums.layers import list_layers
from striate.measure.trace import trace


def test_names_kinds_and_shapes_of_the_notation() -> None:
    text = "conv3-4, relu, maxpool2, local3-3, lrn, add[conv1-3 | ], flatten, fc-2"
    module = striate.build(text, input=(1, 8, 8))
    layers = list_layers(trace(module, (1, 8, 8)))
    assert [layer.kind for layer in layers] == [
        "conv",
        "relu",
        "maxpool",
        "local",
        "lrn",
        "conv",
        "add",
        "flatten",
        "fc",
    ]
    assert [layer.index for layer in layers] == list(range(9))
    shapes: dict[str, tuple[int, ...]] = {}
    for path, part in module.named_modules():
        part.register_forward_hook(lambda _, __, output, path=path: shapes.__setitem__(path, tuple(output.shape[1:])))
    module(torch.rand(1, 1, 8, 8))
    for layer in layers:
        assert layer.shape == shapes[layer.name]


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool1d(self.conv(F.relu(self.conv(x))), 2)


def test_a_layer_that_is_called_twice_and_functions() -> None:
    layers = list_layers(trace(Twice(), (2, 8)))
    assert [layer.name for layer in layers] == ["conv", "relu", "conv#2", "max_pool2d_with_indices"]
    assert layers[-1].shape == (2, 4)
