"""An operation whose backward pass carries relevance instead of a gradient.

Forward it gives the value that the operation gives, into the very tensor if it works in place. Backward it hands what
relevance its output got to the tensors that the output came from. Torch's own graph does the rest: it adds up the
relevance of a tensor that is used twice, and knows about views.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from striate.explain.relevance.contributions import Contributions
from striate.explain.relevance.selections import is_selection

Hand = Callable[[Tensor], Sequence[Tensor | None]]
"""From the relevance of an output, that of each source."""


@dataclass
class Share:
    """How the relevance of one output is handed to its sources.

    `layer` is the path of the module in which the operation ran. `sum` are the contributions, where the operation is a
    weighted sum: what follows may be folded into it. `gate` says that the output lies between 0 and 1, and lets
    something through; `logits` is what a softmax was made of.
    """

    sources: Sequence[Tensor]
    hand: Hand
    layer: str
    sum: Contributions | None = None
    gate: bool = False
    logits: Tensor | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.versions = [source._version for source in self.sources]

    def can_fold(self) -> bool:
        """Whether it is a sum whose sources still hold what they held when the operation ran."""
        return self.sum is not None and [source._version for source in self.sources] == self.versions


class Carry(torch.autograd.Function):
    """The node in torch's graph that a share stands behind.

    A tensor that is overwritten stands at the front, and only there: torch counts on it where the tensor is a view.
    """

    @staticmethod
    def forward(ctx: Any, share: Share, inside: list[bool], values: list[Tensor], *tensors: Tensor) -> Tensor:
        ctx.share, ctx.inside, ctx.overwrites = share, inside, len(tensors) > inside.count(False)
        if not ctx.overwrites:
            return values[0]
        tensors[0].copy_(values[0])
        ctx.mark_dirty(tensors[0])
        return tensors[0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, relevance: Tensor) -> tuple[Tensor | None, ...]:
        got = list(zip(ctx.share.hand(relevance), ctx.inside, strict=True))
        others = [part for part, inside in got if not inside]
        if not ctx.overwrites:
            return None, None, None, *others
        front = sum((part for part, inside in got if inside), torch.zeros_like(relevance))
        return None, None, None, front, *others


def carry(share: Share, value: Tensor, into: Tensor | None = None) -> Tensor:
    """The value as the output of an operation that hands relevance on as `share` says, written over `into`."""
    sources = tuple(share.sources)
    inside = [source is into for source in sources]
    if any(inside):
        # the share would keep its own output, which keeps the share
        share.sources, share.sum = (), None
    others = [source for source in sources if source is not into]
    # the value in a list: an argument that is given back as it is counts as a view
    taken: Tensor = Carry.apply(share, inside, [value], *[] if into is None else [into], *others)  # type: ignore[no-untyped-call]
    return taken


def find_share(tensor: Tensor) -> Share | None:
    """The share behind a tensor, if an operation with a rule made it."""
    found = getattr(tensor.grad_fn, "share", None)
    return found if isinstance(found, Share) else None


def trace_back(tensor: Tensor) -> Share | None:
    """The share behind a tensor that was only reshaped since."""
    node = tensor.grad_fn
    while node is not None and not hasattr(node, "share") and is_selection(node.name()):
        parents = node.next_functions
        node = parents[0][0] if len(parents) == 1 else None
    found = getattr(node, "share", None)
    return found if isinstance(found, Share) else None
