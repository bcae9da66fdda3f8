"""Scratch of an optimiser's step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

Optimizer: TypeAlias = Literal["sgd", "momentum", "adam", "adamw"]


def count_step_scratch(optimizer: Optimizer, parameter_bytes: Sequence[int]) -> int:
    """Bytes that one step of a torch optimiser allocates for a while: temporaries of its loop over the parameters.

    State that stays (momentum, Adam's averages) is not counted, nor weight decay, which SGD and Adam (not AdamW) pay
    with one more tensor of a parameter's size. Adam's root lives beside the quotient made from it and the quotient of
    the parameter before.
    """
    if optimizer in ("sgd", "momentum"):
        return 0
    before = (0, *parameter_bytes)
    return max((2 * size + last for size, last in zip(parameter_bytes, before, strict=False)), default=0)
