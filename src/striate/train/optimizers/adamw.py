"""AdamW: steps measured by each weight's own gradients, with weight decay beside them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from striate.train.optimizers.rule import Rule


class AdamW(Rule):
    """AdamW; `momentum` is the paper's beta1. Weight decay shrinks the weights by lr times it, whatever the gradient.

    Source: Kingma & Ba 2014, arXiv:1412.6980, algorithm 1; Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2.
    """

    states = ("first", "second", "steps")

    def __init__(
        self,
        parameters: Mapping[str, Tensor],
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        beta2: float = 0.999,
        eps: float = 1e-8,
    ) -> None:
        """Start with zero moments, and no step counted, for each parameter."""
        super().__init__(parameters)
        self.momentum, self.weight_decay, self.beta2, self.eps = momentum, weight_decay, beta2, eps
        self.state["steps"] = {name: torch.zeros((), dtype=torch.float32) for name in self.parameters}

    def move(self, names: list[str], parameters: list[Tensor], gradients: list[Tensor], lr: float) -> None:
        """Take one step."""
        first, second, steps = (self.select(state, names) for state in self.states)
        torch._foreach_add_(steps, 1.0)
        counts = [float(count) for count in steps]  # they lie in main memory: no queue is waited for
        if self.weight_decay:
            torch._foreach_mul_(parameters, 1 - lr * self.weight_decay)
        torch._foreach_lerp_(first, gradients, 1 - self.momentum)
        torch._foreach_mul_(second, self.beta2)
        torch._foreach_addcmul_(second, gradients, gradients, 1 - self.beta2)
        divisors = torch._foreach_sqrt(second)
        torch._foreach_div_(divisors, [(1 - self.beta2**count) ** 0.5 for count in counts])
        torch._foreach_add_(divisors, self.eps)
        torch._foreach_addcdiv_(parameters, first, divisors, [-lr / (1 - self.momentum**count) for count in counts])
