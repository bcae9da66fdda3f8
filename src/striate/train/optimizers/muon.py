"""Muon: a step for a bank of filters whose directions all count alike.

The momentum of a bank, a matrix with a row per filter, is replaced by the nearest matrix whose singular values are
about 1, found by a few products of matrices (Newton and Schulz) instead of a decomposition.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from striate.train.optimizers.rule import Rule

# The quintic's coefficients: steepest at 0, so that three rounds bring singular values from about 0.1 up near 1.
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_ROUNDS = 3


class Muon(Rule):
    """Muon with Nesterov's momentum, for tensors of two axes or more, the first of which counts filters.

    With `normalise`, each bank is first scaled to the norm sqrt(filters): right where a normalisation follows, which
    makes its scale mean nothing. Weight decay shrinks the bank by lr times it. The rounds run in bf16 on a GPU.

    Source: Jordan 2024, "Muon: an optimizer for hidden layers in neural networks", with the three rounds and the
    scaling of its CIFAR-10 record.
    """

    def __init__(
        self,
        parameters: Mapping[str, Tensor],
        momentum: float = 0.6,
        weight_decay: float = 0.0,
        normalise: bool = True,
    ) -> None:
        """Start with zero momentum for each bank."""
        super().__init__(parameters)
        self.momentum, self.weight_decay, self.normalise = momentum, weight_decay, normalise

    def move(self, names: list[str], parameters: list[Tensor], gradients: list[Tensor], lr: float) -> None:
        """Take one step."""
        velocities = self.select("velocity", names)
        torch._foreach_mul_(velocities, self.momentum)
        torch._foreach_add_(velocities, gradients)
        updates = torch._foreach_add(gradients, velocities, alpha=self.momentum)
        if self.normalise:
            norms = torch._foreach_norm(parameters)
            wanted = [len(value) ** 0.5 / norm.clamp_min(1e-12) for value, norm in zip(parameters, norms, strict=True)]
            torch._foreach_mul_(parameters, wanted)
        if self.weight_decay:
            torch._foreach_mul_(parameters, 1 - lr * self.weight_decay)
        steps = [orthogonalise(update.flatten(1)).view_as(update) for update in updates]
        torch._foreach_add_(parameters, steps, alpha=-lr)


def orthogonalise(matrix: Tensor, rounds: int = _ROUNDS) -> Tensor:
    """The matrix with its singular vectors, and singular values about 1; zeros stay zeros.

    Shape:  [rows, columns], or a batch of such; stays.
    Cost:   4 * rounds * min(rows, columns)^2 * max(rows, columns) multiplies at most.

    >>> orthogonalise(torch.tensor([[3.0, 0.0], [0.0, 3.0]]), rounds=9).diagonal().round(decimals=0)
    tensor([1., 1.])
    """
    a, b, c = _COEFFICIENTS
    found = matrix.bfloat16() if matrix.is_cuda else matrix
    tall = matrix.shape[-2] > matrix.shape[-1]
    found = found.mT if tall else found
    found = found / (found.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = found @ found.mT
        found = a * found + (b * square + c * square @ square) @ found
    result: Tensor = (found.mT if tall else found).to(matrix.dtype)
    return result
