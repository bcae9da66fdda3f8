"""Modules of a user's own: some can be taken away, each of the others fails in a way of its own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from striate.nets.export.examples import make_examples
from striate.nets.export.subject import Subject


class Masked(nn.Module):
    """Two inputs, one by keyword alone; gives three tensors."""

    def forward(self, x: Tensor, mask: Tensor, *, bias: Tensor) -> dict[str, Any]:
        return {"first": x * mask + bias, "rest": (x.mean(), torch.cat([x, x]))}


class Branching(nn.Module):
    """Which way it goes depends on values."""

    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


class Fixed(nn.Module):
    """Its code knows one batch alone."""

    def forward(self, x: Tensor) -> Tensor:
        return x.new_ones(x.shape[0] if x.shape[0] != 2 else 2, 1) * x


class Eigen(nn.Module):
    """ONNX has no such operation."""

    def forward(self, x: Tensor) -> Tensor:
        values: Tensor = torch.linalg.eigvalsh(x)
        return values


class Counting(nn.Module):
    """Gives something beside a tensor."""

    def forward(self, x: Tensor) -> tuple[Tensor, int]:
        return x + 1, 3


class Leaving(nn.Module):
    """Leaves torch on its way."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.from_numpy(x.numpy() + 1)


class Writing(nn.Module):
    """Writes on its own input, prints and warns."""

    def forward(self, x: Tensor) -> Tensor:
        print("noise")
        return x.add_(1)


class Drifting(nn.Module):
    """Gives something else each time."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0.0

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        return x + self.count


def make_convolution() -> nn.Sequential:
    """A small network with state of every kind: parameters, running figures, a counter, one weight used twice."""
    torch.manual_seed(0)
    first, norm = nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3)
    norm(torch.randn(4, 3, 5, 5))
    return nn.Sequential(first, norm, first, nn.Dropout(), nn.Flatten(), nn.Linear(48, 5))


def make_subject(module: nn.Module, *shape: int, **metadata: str) -> Subject:
    """A module that is fed with inputs of one shape."""
    return Subject(module, make_examples(module, shape), metadata)
