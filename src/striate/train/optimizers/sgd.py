"""Stochastic gradient descent with Nesterov's momentum: torch.optim.SGD's arithmetic, step for step."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from striate.train.optimizers.rule import Rule


class SGD(Rule):
    """Nesterov SGD; weight decay is part of the gradient.

    Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning", in the form
    that torch.optim.SGD documents.
    """

    def __init__(self, parameters: Mapping[str, Tensor], momentum: float = 0.9, weight_decay: float = 0.0) -> None:
        """Start with zero momentum for each parameter."""
        super().__init__(parameters)
        self.momentum, self.weight_decay = momentum, weight_decay

    def move(self, names: list[str], parameters: list[Tensor], gradients: list[Tensor], lr: float) -> None:
        """Take one step."""
        if self.weight_decay:
            gradients = list(torch._foreach_add(gradients, parameters, alpha=self.weight_decay))
        velocities = self.select("velocity", names)
        torch._foreach_mul_(velocities, self.momentum)
        torch._foreach_add_(velocities, gradients)
        updates = torch._foreach_add(gradients, velocities, alpha=self.momentum)
        torch._foreach_add_(parameters, updates, alpha=-lr)
