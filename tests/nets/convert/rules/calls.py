"""A module of one call, for the tests of the rules."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Call(nn.Module):
    """Whatever a function makes of the input and a parameter, flattened."""

    def __init__(self, call: Callable[..., Tensor], *shape: int) -> None:
        super().__init__()
        self.call = call
        self.shape = shape
        if shape:
            self.own = nn.Parameter(torch.rand(shape) + 0.1)

    def forward(self, x: Tensor) -> Tensor:
        made = self.call(x, self.own) if self.shape else self.call(x)
        return torch.flatten(made, 1)
