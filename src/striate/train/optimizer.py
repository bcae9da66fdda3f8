"""Stochastic gradient descent with Nesterov's momentum, for all tensors at once.

It is torch.optim.SGD's arithmetic, step for step. It is written here since building any torch.optim optimizer imports
torch's compiler, a second that a short training feels.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class SGD:
    """Nesterov SGD over a module's parameters; weight decay spares those of one axis (biases, norms).

    Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning", in the form
    that torch.optim.SGD documents.
    """

    def __init__(self, module: nn.Module, momentum: float = 0.9, weight_decay: float = 0.0) -> None:
        """Start with zero momentum for each parameter that is to be trained."""
        self.momentum, self.weight_decay = momentum, weight_decay
        self._parameters = {name: value for name, value in module.named_parameters() if value.requires_grad}
        self._velocities = {name: torch.zeros_like(value) for name, value in self._parameters.items()}

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Take one step down the gradients; parameters without a gradient stay."""
        names = [name for name, value in self._parameters.items() if value.grad is not None]
        if not names:
            return
        parameters = [self._parameters[name].detach() for name in names]
        gradients = self._decay(parameters, [self._gradient(name) for name in names])
        velocities = [self._velocities[name] for name in names]
        torch._foreach_mul_(velocities, self.momentum)
        torch._foreach_add_(velocities, gradients)
        updates = torch._foreach_add(gradients, velocities, alpha=self.momentum)
        torch._foreach_add_(parameters, updates, alpha=-lr)

    def clear_gradients(self) -> None:
        """Forget the gradients of the step before."""
        for value in self._parameters.values():
            value.grad = None

    def tensors(self) -> dict[str, Tensor]:
        """The momentum of each parameter, by the parameter's name; live, not copies."""
        return dict(self._velocities)

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over the momentum that `tensors` gave."""
        for name, value in self._velocities.items():
            value.copy_(tensors[name])

    def _gradient(self, name: str) -> Tensor:
        gradient = self._parameters[name].grad
        assert gradient is not None
        return gradient

    def _decay(self, parameters: list[Tensor], gradients: list[Tensor]) -> list[Tensor]:
        chosen = [index for index, value in enumerate(parameters) if value.ndim > 1]
        if not self.weight_decay or not chosen:
            return gradients
        matrices = [parameters[index] for index in chosen]
        pulled = torch._foreach_add([gradients[index] for index in chosen], matrices, alpha=self.weight_decay)
        for index, value in zip(chosen, pulled, strict=True):
            gradients[index] = value
        return gradients
