"""Branches that get one input and meet again: by sum, by concatenation of channels, or by product."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import combinations

import torch
from torch import Tensor, fx, nn

from striate.errors import InputError, ShapeError
from striate.layers.carried import Carried, carries, run_part


class _Branches(nn.Module):
    """What the three meetings share: `branch1`, `branch2`, ... in order."""

    def __init__(self, branches: Iterable[nn.Module]) -> None:
        super().__init__()
        self.count = 0
        for self.count, branch in enumerate(branches, start=1):
            self.add_module(f"branch{self.count}", branch)
        self.carries = any(carries(branch) for branch in self.children())
        if not self.count:
            name = type(self).__name__.lower()
            raise InputError(f"{name} has no branch, but it needs at least one. Use nn.Identity() for an empty one.")

    def split(self, input: Tensor, carried: Carried | None) -> list[Tensor]:
        """Give the input to every branch; a module that stands in two branches runs twice."""
        return [run_part(getattr(self, f"branch{number}"), input, carried) for number in range(1, self.count + 1)]


class Add(_Branches):
    """Sum what the branches give.

    Shape:   every branch gives the same shape, and so does the sum.
    Cost:    0 parameters, 0 multiplies.
    Raises:  ShapeError if the branches' shapes differ.
    Source:  He et al. 2016, arXiv:1512.03385, equation 1.

    >>> Add([nn.Identity(), nn.ReLU()])(torch.tensor([[-1.0, 2.0]]))
    tensor([[-1., 4.]])
    """

    def forward(self, input: Tensor, carried: Carried | None = None) -> Tensor:
        parts = self.split(input, carried)
        _require_one_shape(parts)
        return reduce(torch.add, parts)


class Cat(_Branches):
    """Concatenate the channels of what the branches give.

    Shape:   [N, C1, *extents], [N, C2, *extents], ... -> [N, C1 + C2 + ..., *extents].
    Cost:    0 parameters, 0 multiplies.
    Raises:  ShapeError if the shapes differ elsewhere than in the channels.
    Source:  Szegedy et al. 2015, arXiv:1409.4842, sec. 4.

    >>> Cat([nn.Identity(), nn.ReLU()])(torch.tensor([[-1.0, 2.0]]))
    tensor([[-1., 2., 0., 2.]])
    """

    def forward(self, input: Tensor, carried: Carried | None = None) -> Tensor:
        parts = self.split(input, carried)
        _require_one_extent(parts)
        return torch.cat(parts, dim=1)


class Mul(_Branches):
    """Multiply what the branches give, cell by cell; an extent of 1 meets every cell of the other.

    Shape:   as the branches give, an extent of 1 broadcast.
    Cost:    0 parameters; its products are declared free.
    Raises:  ShapeError if two extents differ and neither is 1.
    Source:  Hu et al. 2018, arXiv:1709.01507, equation 4.

    >>> Mul([nn.Identity(), nn.AdaptiveAvgPool1d(1)])(torch.tensor([[[1.0, 3.0]]]))
    tensor([[[2., 6.]]])
    """

    def forward(self, input: Tensor, carried: Carried | None = None) -> Tensor:
        parts = self.split(input, carried)
        _require_broadcast(parts)
        return reduce(torch.mul, parts)


# The checks are wrapped because `torch.fx` can't follow a look at shapes: it records each as one call.


@fx.wrap
def _require_one_shape(parts: list[Tensor]) -> None:
    if any(part.shape != parts[0].shape for part in parts[1:]):
        raise ShapeError(_describe_clash(parts, "add needs one shape", "Make channels and strides agree."))


@fx.wrap
def _require_one_extent(parts: list[Tensor]) -> None:
    first = parts[0].shape
    if any((part.shape[0], *part.shape[2:]) != (first[0], *first[2:]) for part in parts[1:]):
        raise ShapeError(_describe_clash(parts, "cat needs one extent per axis", "Make the strides agree."))


@fx.wrap
def _require_broadcast(parts: list[Tensor]) -> None:
    if not all(_broadcasts(left, right) for left, right in combinations(parts, 2)):
        raise ShapeError(_describe_clash(parts, "mul needs like extents or 1", "Make the strides agree."))


def _broadcasts(left: Tensor, right: Tensor) -> bool:
    if left.dim() != right.dim():
        return False
    return all(one == other or 1 in (one, other) for one, other in zip(left.shape, right.shape, strict=True))


def _describe_clash(parts: list[Tensor], need: str, way_out: str) -> str:
    given = " and ".join("x".join(str(extent) for extent in part.shape[1:]) for part in parts)
    return f"branches give {given}, but {need}. {way_out}"
