"""A network that needs nothing beside it: normalisation in front, softmax behind."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from striate.measure.inputs import find_device


class Whole(nn.Module):
    """Floats from 0 to 1 become probabilities: each channel's mean off, divided by its std, the module, the softmax.

    `mirror`: the scores are the mean of the input's and its mirror image's.

    Shape:   [N, channels, *extents] -> [N, classes], rows summing to 1.

    >>> whole = Whole(nn.Flatten(), mean=(0.5,), std=(0.25,), axes=1)
    >>> whole(torch.tensor([[[0.5, 0.5]]]))
    tensor([[0.5000, 0.5000]])
    """

    factor: Tensor
    offset: Tensor

    def __init__(
        self, module: nn.Module, mean: Sequence[float], std: Sequence[float], axes: int, *, mirror: bool = False
    ) -> None:
        super().__init__()
        self.module, self.mirror = module, mirror
        means, stds = (torch.tensor(values, dtype=torch.float64).view(-1, *[1] * axes) for values in (mean, std))
        device = find_device(module)
        self.register_buffer("factor", (1 / stds).float().to(device))
        self.register_buffer("offset", (-means / stds).float().to(device))
        self.training = module.training

    def forward(self, input: Tensor) -> Tensor:
        normal = input * self.factor + self.offset
        scores: Tensor = self.module(normal)
        if self.mirror:
            scores = (scores + self.module(normal.flip(-1))) / 2
        return scores.softmax(1)
