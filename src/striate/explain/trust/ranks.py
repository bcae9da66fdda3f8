"""How alike two maps order their cells: Spearman's rank correlation, exact also where values are tied."""

from __future__ import annotations

import torch
from torch import Tensor


def correlate_ranks(left: Tensor, right: Tensor) -> Tensor:
    """Spearman's rank correlation of each map of one batch with that of another, -1 to 1.

    A map that is the same everywhere orders nothing: its correlation is 0.

    Shape:   two times [batch, *extents] -> [batch], in float64.

    >>> correlate_ranks(torch.tensor([[1., 2., 3.]]), torch.tensor([[10., 20., 15.]])).tolist()
    [0.5]
    """
    rows = [(rank(one), rank(other)) for one, other in zip(left.flatten(1), right.flatten(1), strict=True)]
    return torch.stack([correlate(one, other) for one, other in rows])


def rank(values: Tensor) -> Tensor:
    """The place of each value in order, from 1; values that are equal share the mean of their places.

    >>> rank(torch.tensor([5., 1., 5.])).tolist()
    [2.5, 1.0, 2.5]
    """
    found: tuple[Tensor, Tensor, Tensor] = torch.unique(values, return_inverse=True, return_counts=True)
    _, which, counts = found
    last = counts.cumsum(0).double()
    return (last - (counts - 1) / 2)[which]


def correlate(left: Tensor, right: Tensor) -> Tensor:
    """Pearson's correlation of two rows; 0 where one of them is constant."""
    left, right = left - left.mean(), right - right.mean()
    scale = (left.square().sum() * right.square().sum()).sqrt()
    return (left * right).sum() / scale if scale > 0 else scale
