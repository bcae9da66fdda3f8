"""One convolution as a fully connected layer: its matrix, written out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.convert.matrix import MOST_ENTRIES, compose_matrix


def make_fully_connected(conv: nn.Module, input: tuple[int, ...]) -> nn.Linear:
    """Make the linear layer of a convolution; what it does is told at `striate.fully_connected`."""
    matrix = compose_matrix(conv, input)
    rows, columns = matrix.shape
    if rows * columns > MOST_ENTRIES:
        found = f"the layer would have {rows * columns:,} weights, needed at most {MOST_ENTRIES:,}"
        raise InputError(f"{found}. Use a smaller input, or striate.matrix, which keeps no zeros")
    like: Any = conv.weight
    constant = respond_to_nothing(conv, input).flatten()
    has_bias = getattr(conv, "bias", None) is not None or bool(constant.any())
    with torch.device("meta"):
        linear = nn.Linear(columns, rows, bias=has_bias)
    linear.weight = nn.Parameter(torch.from_numpy(matrix.toarray()).to(like))
    linear.bias = nn.Parameter(constant) if has_bias else None  # type: ignore[assignment]
    return linear.requires_grad_(like.requires_grad).train(conv.training)


def respond_to_nothing(conv: nn.Module, input: tuple[int, ...]) -> Tensor:
    """What a convolution adds whatever its input is: the bias, and what a constant in its padding gives.

    Shape:  [1, out_channels, *extents].
    """
    like: Any = conv.weight
    with torch.no_grad():
        found: Tensor = conv(torch.zeros(1, *input, dtype=like.dtype, device=like.device))
    return found
