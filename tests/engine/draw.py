"""Networks to fold and fuse, whose batch norms have seen something, and modules that torch.fx can't follow."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


def season(module: nn.Module, seed: int = 0) -> nn.Module:
    """Give every batch norm figures that are neither 0 nor 1, and leave the module in eval mode."""
    generator = torch.Generator().manual_seed(seed)
    for part in module.modules():
        if isinstance(part, _BatchNorm):
            for tensor in (part.running_mean, part.running_var, part.weight, part.bias):
                if tensor is not None:
                    tensor.data = torch.rand(tensor.shape, generator=generator) + 0.5
    return module.eval()


def count(module: nn.Module, kind: type[nn.Module]) -> int:
    return sum(isinstance(part, kind) for part in module.modules())


class Wilful(nn.Module):
    """Its path depends on its input, so that no graph holds it; its parts are followed one by one."""

    def __init__(self, *parts: nn.Module) -> None:
        super().__init__()
        self.rows = nn.Sequential(*parts)

    def forward(self, batch: Tensor) -> Tensor:
        if batch.sum() > 1e30:
            return batch
        result: Tensor = self.rows(batch)
        return result


class Odd(nn.Module):
    """A layer without weights that no graph holds."""

    def forward(self, batch: Tensor) -> Tensor:
        return batch if batch.sum() > 1e30 else batch * 2


class Residual(nn.Module):
    """Two branches that meet in a sum, as ResNet's do; `inplace` writes the sum into a branch."""

    def __init__(self, channels: int = 4, *, inplace: bool = False, late: bool = False) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, padding=1)
        self.one, self.two = (nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2))
        self.norm1, self.norm2, self.relu = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels), nn.ReLU(inplace)
        self.inplace, self.late = inplace, late

    def forward(self, batch: Tensor) -> Tensor:
        start = self.relu(self.stem(batch))
        result: Tensor = self.norm2(self.two(self.relu(self.norm1(self.one(start)))))
        if self.inplace:
            result += start
        else:
            result = start + result
        result = self.relu(result)
        return result * start if self.late else result
