"""The running average of a network's weights and buffers over the steps, which is often better than the last ones."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from striate.train.shadow import Shadow


class Average(Shadow):
    """An exponential moving average of a module's state: each step moves it by 1 - decay towards the module.

    In the first steps it moves faster, so that the random weights of the start don't linger.

    Source: Polyak & Juditsky 1992; the faster start is TensorFlow's (ExponentialMovingAverage, `num_updates`).
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        """Start at the module's present state."""
        super().__init__(module, floats=False)
        self.decay = decay

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the module's state after step number `step` (from 0)."""
        moving, targets = [], []
        for name, value in self.read_module().items():
            if value.is_floating_point():
                moving.append(self._tensors[name])
                targets.append(value)
            else:
                self._tensors[name].copy_(value)
        torch._foreach_lerp_(moving, targets, 1 - ramp(self.decay, step))

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over the state that `tensors` gave."""
        for name, value in self._tensors.items():
            value.copy_(tensors[name])


def ramp(decay: float, step: int) -> float:
    """The decay of step number `step`: the share 1/10, 2/11, 3/12, ... until that reaches `decay`.

    >>> [round(ramp(0.9, step), 3) for step in (0, 1, 80, 1000)]
    [0.1, 0.182, 0.9, 0.9]
    """
    return min(decay, (1 + step) / (10 + step))
