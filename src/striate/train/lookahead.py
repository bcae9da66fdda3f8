"""Lookahead: slow weights that follow the optimizer's every few steps, and from which it then goes on."""

from __future__ import annotations

import torch
from torch import nn

from striate.train.recipe import Lookahead
from striate.train.shadow import Shadow


class Slow(Shadow):
    """The slow weights (and averaged buffers) of a module; it is judged by them, and ends with them.

    Every `every` steps they move towards the module's by `pull`, and the module's are set to them. The pull begins at 1
    (no brake) and falls to `share` as the run's share to the power of `power`; at power 0 it is `share` throughout.

    Source: Zhang et al. 2019, "Lookahead optimizer: k steps forward, 1 step back", arXiv:1907.08610, algorithm 1.
    """

    def __init__(self, module: nn.Module, settings: Lookahead) -> None:
        """Start at the module's present state."""
        super().__init__(module, floats=True)
        self.settings = settings

    @torch.no_grad()
    def update(self, step: int, share: float) -> None:
        """Take in the module's state after step number `step` (from 0), when `share` of the run was done."""
        if (step + 1) % self.settings.every:
            return
        state = self.read_module()
        torch._foreach_lerp_(list(self._tensors.values()), list(state.values()), find_pull(self.settings, share))
        torch._foreach_copy_(list(state.values()), list(self._tensors.values()))


def find_pull(settings: Lookahead, share: float) -> float:
    """How far the slow weights go towards the others when `share` of the run is done.

    >>> from striate.train.recipe import Lookahead
    >>> [find_pull(Lookahead(every=5, share=0.5, power=1), share) for share in (0.0, 0.5, 1.0)]
    [1.0, 0.75, 0.5]
    """
    return 1.0 - (1 - settings.share) * float(min(max(share, 0.0), 1.0) ** settings.power)
