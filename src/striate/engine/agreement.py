"""Whether a rewritten module says what the module says, up to rounding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from striate.engine.stepping import list_outputs


def answer_in_fp32(module: Callable[[Tensor], Any], batch: Tensor) -> tuple[Tensor, ...]:
    """All outputs for a copy of the batch, which a first layer may write over."""
    return tuple(each.float() for each in list_outputs(module(batch.clone())))


def agrees(module: Callable[[Tensor], Any], batch: Tensor, expected: tuple[Tensor, ...], error: float) -> bool:
    """Whether a rewritten module says the same, up to `error` of the largest output.

    >>> import torch
    >>> batch = torch.ones(1, 2)
    >>> agrees(torch.relu, batch, answer_in_fp32(torch.abs, batch), 1e-6), agrees(torch.neg, batch, (batch,), 1e-6)
    (True, False)
    """
    try:
        found = answer_in_fp32(module, batch)
    except Exception:  # a rewritten module is ours: where it fails, the user's own will do
        return False
    pairs = list(zip(found, expected, strict=False))
    return len(found) == len(expected) and all(
        one.shape == other.shape
        and (not other.numel() or bool((one - other).abs().max() <= error * other.abs().max() + 1e-6))
        for one, other in pairs
    )
