"""Linear layers, as modules and as functions; weights keep their place in the state dict."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from tests.nets.convert.crops import check_sliding
from torch import Tensor, nn


class Tied(nn.Module):
    """One matrix forth and back."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 2 * 3 * 2))
        self.bias = nn.Parameter(torch.randn(5))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(F.linear(x.flatten(1), self.weight, self.bias), self.weight.t())


def test_functions() -> None:
    sliding = check_sliding(Tied(), (2, 3, 2), (4, 4), 1)
    assert {name for name, _ in sliding.network.named_parameters()} == {"weight", "bias"}


def test_one_layer_for_several_features_of_one_shape_stays_one() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(6, 6, bias=False)

        def forward(self, x: Tensor) -> Any:
            left, right = x.chunk(2, 1)
            return self.fc(left.flatten(1)) + self.fc(right.flatten(1)).relu()

    sliding = check_sliding(Shared(), (2, 3, 2), (4, 4), 1)
    assert [tuple(parameter.shape) for parameter in sliding.network.parameters()] == [(6, 1, 3, 2)]
