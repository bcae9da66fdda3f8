"""The running average of a network's weights and buffers over the steps, which is often better than the last ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """An exponential moving average of a module's state: each step moves it by 1 - decay towards the module.

    In the first steps it moves faster, so that the random weights of the start don't linger.

    Source: Polyak & Juditsky 1992; the faster start is TensorFlow's (ExponentialMovingAverage, `num_updates`).
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        """Start at the module's present state."""
        self.decay = decay
        self._module = module
        self._tensors = {name: value.clone() for name, value in _state(module).items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the module's state after step number `step` (from 0)."""
        moving, targets = [], []
        for name, value in _state(self._module).items():
            if value.is_floating_point():
                moving.append(self._tensors[name])
                targets.append(value)
            else:
                self._tensors[name].copy_(value)
        torch._foreach_lerp_(moving, targets, 1 - ramp(self.decay, step))

    def tensors(self) -> dict[str, Tensor]:
        """The averaged state by name; live, not copies."""
        return dict(self._tensors)

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over the state that `tensors` gave."""
        for name, value in self._tensors.items():
            value.copy_(tensors[name])

    @torch.no_grad()
    def put_into_module(self) -> None:
        """Give the module the averaged state for good."""
        for name, value in _state(self._module).items():
            value.copy_(self._tensors[name])

    @contextmanager
    def in_module(self) -> Iterator[None]:
        """A `with` under which the module has the averaged state; its own comes back bit for bit."""
        own = {name: value.clone() for name, value in _state(self._module).items()}
        self.put_into_module()
        try:
            yield
        finally:
            with torch.no_grad():
                for name, value in _state(self._module).items():
                    value.copy_(own[name])


def ramp(decay: float, step: int) -> float:
    """The decay of step number `step`: the share 1/10, 2/11, 3/12, ... until that reaches `decay`.

    >>> [round(ramp(0.9, step), 3) for step in (0, 1, 80, 1000)]
    [0.1, 0.182, 0.9, 0.9]
    """
    return min(decay, (1 + step) / (10 + step))


def _state(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach() for name, value in module.state_dict().items() if isinstance(value, Tensor)}
