"""One question about a module's last operation that computes, for the tests of its rules."""

from __future__ import annotations

from torch import Tensor, nn

from striate.explain.sums.asked import Asked
from striate.explain.sums.origins import moves
from striate.explain.sums.playing import play


def ask(module: nn.Module, x: Tensor, *cell: int) -> Asked:
    """Ask for a cell (channel, *place) of what the last operation computes that doesn't only move numbers."""
    playing = play(module.eval(), x)
    last = next(each for each in reversed(playing.trace.operations) if not moves(each))
    return Asked(playing, last, 0, (0, *cell), lambda _: True)
