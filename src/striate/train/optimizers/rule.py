"""What every optimizer is: parameters, a state per parameter, and a step down their gradients.

They are written here since building any torch.optim optimizer imports torch's compiler, a second that a short training
feels. Each works on all of its tensors at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


class Rule(ABC):
    """An optimizer of some named parameters; `states` names the tensors that it keeps for each of them.

    The first state stands in a checkpoint under the parameter's own name, each later one under `name.state`.
    """

    states: Sequence[str] = ("velocity",)

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        """Start with zeros for each parameter."""
        self.parameters = dict(parameters)
        self.state = {
            state: {name: torch.zeros_like(value) for name, value in self.parameters.items()} for state in self.states
        }

    @torch.no_grad()
    def step(self, lr: float) -> None:
        """Take one step down the gradients; parameters without a gradient stay."""
        names = [name for name, value in self.parameters.items() if value.grad is not None]
        if names:
            self.move(names, [self.parameters[name].detach() for name in names], self._gradients(names), lr)

    @abstractmethod
    def move(self, names: list[str], parameters: list[Tensor], gradients: list[Tensor], lr: float) -> None:
        """Change the parameters in place by their gradients, which stay as they are."""

    def select(self, state: str, names: list[str]) -> list[Tensor]:
        """A state of these parameters; live."""
        return [self.state[state][name] for name in names]

    def tensors(self) -> dict[str, Tensor]:
        """All states; live, not copies."""
        return {
            name if state == self.states[0] else f"{name}.{state}": value
            for state, values in self.state.items()
            for name, value in values.items()
        }

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over the states that `tensors` gave."""
        for name, value in self.tensors().items():
            value.copy_(tensors[name])

    def _gradients(self, names: list[str]) -> list[Tensor]:
        found = (self.parameters[name].grad for name in names)
        return [gradient for gradient in found if gradient is not None]
