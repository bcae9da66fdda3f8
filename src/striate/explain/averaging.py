"""The gradient of a head that averages maps and adds them up: it is known without a backward pass.

Whether a head is one isn't read off the classes of its layers, but off what autograd recorded of the pass at hand: a
product of a matrix and the maps' means, and nothing between but other shapes of the same numbers.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

SHAPES = {"ViewBackward0", "UnsafeViewBackward0", "CloneBackward0", *(f"SqueezeBackward{way}" for way in range(3))}
"""Steps that put out the same numbers, in the same order."""

PRODUCTS = {"MmBackward0": 0, "AddmmBackward0": 1}
"""Products with a matrix, the second with a bias; and at which place of theirs stands what is multiplied."""


def read_gradient(scores: Tensor, maps: Tensor, target: Tensor) -> Tensor | None:
    """The gradient of each row's target score by any cell of the maps: the target's weights over the number of cells.

    None where the scores aren't a linear layer of the maps' means, or where that can't be told.

    Shape:   [batch, classes], [batch, channels, *cells], [batch] -> [batch, channels]: that of all cells is the same.

    >>> maps = torch.tensor([[[1.0, 3.0]]], requires_grad=True)
    >>> read_gradient(maps.mean(2) @ torch.tensor([[5.0, 4.0]]), maps, torch.tensor([1]))
    tensor([[2.]])
    """
    product: Any = scores.grad_fn
    place = PRODUCTS.get(product.name()) if product is not None else None
    if place is None:
        return None
    others = [node for node, _ in product.next_functions]
    if not _is_mean(others.pop(place), maps) or not all(_is_fixed(node, maps) for node in others):
        return None
    weights: Tensor = product._saved_mat2.detach()  # [channels, classes]
    if len(weights) != maps.shape[1] or getattr(product, "_saved_alpha", 1) != 1:
        return None
    with torch.no_grad():
        return weights.t()[target] / maps.shape[2:].numel()


def _is_mean(node: Any, maps: Tensor) -> bool:
    """Whether what a step puts out are the means of the maps over all their cells."""
    node = _skip_shapes(node)
    if node is None or node.name() != "MeanBackward1" or tuple(node._saved_self_sym_sizes) != tuple(maps.shape):
        return False
    axes = {axis % 2**64 for axis in node._saved_dim}  # recorded without a sign: the last is 2^64 - 1
    if axes != {axis if axis in axes else axis - maps.ndim + 2**64 for axis in range(2, maps.ndim)}:
        return False
    return getattr(_skip_shapes(node.next_functions[0][0]), "variable", None) is maps


def _is_fixed(node: Any, maps: Tensor) -> bool:
    """Whether weights or biases are there from the first, and not made of the maps themselves."""
    if node is not None and node.name() == "TBackward0":
        node = node.next_functions[0][0]
    return node is None or getattr(node, "variable", maps) is not maps


def _skip_shapes(node: Any) -> Any:
    while node is not None and node.name() in SHAPES:
        node = node.next_functions[0][0]
    return node
