"""Relevance the slow way: every layer as an explicit matrix, every share by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.explain.relevance.rules import EPSILON

Matrix = NDArray[np.float64]


def write_matrix(run: Callable[[Tensor], Tensor], shape: Sequence[int]) -> Matrix:
    """The matrix of a linear function of a tensor of this shape, a column a cell."""
    cells = int(np.prod(shape))
    columns = [run(row.reshape(1, *shape)).flatten() for row in torch.eye(cells, dtype=torch.float64)]
    return torch.stack(columns, 1).detach().numpy()


def share_positive(matrix: Matrix, x: Matrix, relevance: Matrix) -> Matrix:
    """What each cell gets, output by output: in proportion among what spoke for it."""
    got = np.zeros_like(x)
    for row, due in zip(matrix, relevance, strict=True):
        parts = row * x
        chosen = np.where(parts > 0, parts, 0) if (parts > 0).any() else parts
        if chosen.any():
            got += chosen / chosen.sum() * due
    return got


def share_signed(matrix: Matrix, x: Matrix, relevance: Matrix, output: Matrix) -> Matrix:
    """What each cell gets, output by output: in proportion; what the bias and the stabiliser would keep, by size."""
    got = np.zeros_like(x)
    for row, due, value in zip(matrix, relevance, output, strict=True):
        parts = row * x
        size = np.abs(parts).sum()
        if size == 0:
            continue
        steady = value + (-1 if value < 0 else 1) * EPSILON * size
        got += (parts + (steady - parts.sum()) * np.abs(parts) / size) / steady * due
    return got


def propagate(net: nn.Sequential, x: Tensor, target: int) -> list[Matrix]:
    """The relevance before each layer of a row of layers, the last one first, for one input; a norm follows a sum."""
    values = [x[None]]
    for layer in net:
        values.append(layer(values[-1]).detach())
    relevance = np.zeros(values[-1].numel())
    relevance[target] = float(values[-1].flatten()[target])
    seen = [relevance]
    for number in reversed(range(len(net))):
        relevance = _step_back(net, number, values, relevance)
        seen.append(relevance)
    return seen


def _step_back(net: nn.Sequential, number: int, values: list[Tensor], relevance: Matrix) -> Matrix:
    layer, before, after = net[number], values[number], values[number + 1]
    x = before.flatten().numpy()
    if isinstance(layer, nn.modules.conv._ConvNd | nn.Linear):
        norm = net[number + 1] if number + 1 < len(net) and is_norm(net[number + 1]) else None
        return _step_over_sum(layer, norm, before, values[number + 1 + (norm is not None)], relevance)
    if isinstance(layer, nn.AvgPool1d | nn.AvgPool2d | nn.AvgPool3d):
        return share_signed(write_matrix(layer, before.shape[1:]), x, relevance, after.flatten().numpy())
    if isinstance(layer, nn.MaxPool1d | nn.MaxPool2d | nn.MaxPool3d):
        return _give_winners(layer, before, relevance)
    assert isinstance(layer, nn.ReLU | nn.GELU | nn.Tanh | nn.Flatten) or is_norm(layer)
    return relevance


def is_norm(layer: nn.Module) -> bool:
    return isinstance(layer, nn.modules.batchnorm._BatchNorm)


def _step_over_sum(layer: nn.Module, norm: nn.Module | None, before: Tensor, end: Tensor, relevance: Matrix) -> Matrix:
    nothing = layer(torch.zeros_like(before))
    matrix = write_matrix(lambda one: layer(one) - nothing, before.shape[1:])
    if norm is not None:
        figures = norm.state_dict()
        scale = figures["weight"] / torch.sqrt(figures["running_var"] + 1e-5)
        matrix = scale.repeat_interleave(len(matrix) // len(scale)).numpy()[:, None] * matrix
    x = before.flatten().numpy()
    if not isinstance(layer, nn.Linear) and end.shape[2:].numel() > 1:
        return share_positive(matrix, x, relevance)
    return share_signed(matrix, x, relevance, end.flatten().numpy())


def _give_winners(layer: nn.Module, before: Tensor, relevance: Matrix) -> Matrix:
    """Each maximum's relevance to the cell that gives it when the others are sunk."""
    got = np.zeros(before.numel())
    for cell in range(before.numel()):
        raised = before.flatten().clone()
        raised[cell] += 1e-9
        moved = (layer(raised.reshape(before.shape)) > layer(before)).flatten().numpy()
        got[cell] = relevance[moved].sum()
    return got
