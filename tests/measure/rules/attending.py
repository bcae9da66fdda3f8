"""Attention by hand, for the tests of everything that attends."""

from __future__ import annotations

import torch
from tests.measure.rules.counting import Tally
from torch import Tensor


def attend(query: Tensor, key: Tensor, value: Tensor, tally: Tally) -> Tensor:
    """Attention head by head and product by product; heads that are missing in keys and values are shared."""
    made = torch.zeros(*query.shape[:-1], value.shape[-1])
    share = query.shape[1] // key.shape[1]
    for sample in range(query.shape[0]):
        for head in range(query.shape[1]):
            keys, values = key[sample, head // share], value[sample, head // share]
            scores = tally.multiply(query[sample, head], keys.T) / query.shape[-1] ** 0.5
            made[sample, head] = tally.multiply(scores.softmax(-1), values)
    return made


def mix(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, *, causal: bool = False) -> Tensor:
    """Attention without the softmax, whose sums leave no gradient where one key is all there is."""
    share = query.shape[1] // key.shape[1]
    scores = query @ key.repeat_interleave(share, 1).transpose(-1, -2)
    scores = scores if mask is None else scores + mask
    return (scores.tril() if causal else scores) @ value.repeat_interleave(share, 1)
