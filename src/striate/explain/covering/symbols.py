"""Networks that look their inputs up by number: a cell is a symbol, and what is no whole number is none."""

from __future__ import annotations

from torch import nn


def has_symbols(module: nn.Module) -> bool:
    """Whether a part of the network looks vectors up by number.

    >>> has_symbols(nn.Sequential(nn.Embedding(5, 2))), has_symbols(nn.Linear(5, 2))
    (True, False)
    """
    return any(isinstance(part, nn.Embedding) for part in module.modules())
