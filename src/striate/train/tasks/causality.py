"""Whether a network sees the future: its answers for moments before a change may not change with it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PARTS = 3  # of the length at whose bounds everything after is changed


def find_leak(module: nn.Module, input: Tensor) -> int | None:
    """The first moment found whose answer depends on a later one; None for a causal network.

    From some moments on the input is turned around, so that it stays of the values that the network may get.

    Shape:   [1, channels, moments].
    Cost:    three forward passes.

    >>> find_leak(nn.Conv1d(1, 1, 3, padding=1), torch.arange(9.0)[None, None])
    2
    """
    moments = input.shape[-1]
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        with torch.no_grad():
            plain = _answer(module, input)
            for bound in sorted({moments * part // PARTS for part in range(1, PARTS)} - {0}):
                changed = torch.cat([input[..., :bound], input[..., bound:].flip(-1)], -1)
                apart = (_answer(module, changed)[..., :bound] - plain[..., :bound]).abs().flatten(0, -2).amax(0)
                found = (apart > 1e-6 * plain.abs().amax().clamp(min=1e-12)).nonzero()
                if len(found):
                    return int(found[0])
    finally:
        for part, training in modes.items():
            part.training = training
    return None


def _answer(module: nn.Module, input: Tensor) -> Tensor:
    outputs = module(input)
    answer: Tensor = outputs[0] if isinstance(outputs, tuple) else outputs
    return answer
