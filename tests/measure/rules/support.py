"""The slow twin of every reach: what one output cell reads, by the gradient of a run with real numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from striate.measure.bits import list_bits
from striate.measure.operation import Value
from striate.measure.rules.catalogue import find_rule
from striate.measure.sight import walk_back
from striate.measure.trace import Trace, trace

DUST = 1e-11


class Call(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.function(*inputs)


def check_reach(
    module: nn.Module | Callable[..., Tensor],
    *shapes: tuple[int, ...],
    twin: nn.Module | Callable[..., Tensor] | None = None,
    mode: str = "eval",
    most: int = 200,
) -> Trace:
    """Assert that what every output cell reads of every input cell equals the gradient's support.

    At most `most` cells are tried, spread evenly. `shapes` have the batch. Channels, batch and all axes are compared.
    Weights are made positive and random, so that nothing cancels; `twin` stands in for what has a sparse gradient
    (average for maximum pooling). Returns the trace.
    """
    real = module if isinstance(module, nn.Module) else Call(module)
    double = (twin if isinstance(twin, nn.Module) else Call(twin)) if twin is not None else real
    for part in (real, double):
        part.double().train(mode == "train")
    with torch.no_grad():
        for parameter in double.parameters():
            parameter.uniform_(0.5, 1.5)
    inputs = [torch.rand(shape, dtype=torch.float64).add_(0.5).requires_grad_() for shape in shapes]
    traced = trace(real, [value.detach() for value in inputs], mode=mode)  # type: ignore[arg-type]
    output = double(*inputs)
    output = output[0] if isinstance(output, tuple) else output
    assert tuple(output.shape) == traced.outputs[0].shape
    cells = list(product(*map(range, output.shape)))
    for cell in cells[:: max(1, len(cells) // most)]:
        gradients = torch.autograd.grad(output[cell], inputs, retain_graph=True, allow_unused=True)
        for number, gradient in enumerate(gradients):
            support = torch.zeros(shapes[number], dtype=torch.bool) if gradient is None else gradient.abs() > DUST
            found = draw(traced, traced.outputs[0], cell, number)
            assert np.array_equal(found, support.numpy()), (cell, number, found.sum(), int(support.sum()))
    return traced


def draw(traced: Trace, value: Value, cell: Sequence[int], input: int = 0) -> npt.NDArray[np.bool_]:
    """The cells of an input that one cell of a value reads, batch and channels too."""
    return draw_back(traced.inputs[input], value, cell)


def draw_back(target: Value, value: Value, cell: Sequence[int]) -> npt.NDArray[np.bool_]:
    """The cells of one value that one cell of another reads."""
    blocks, is_exact = walk_back(target, value, tuple(1 << index for index in cell))
    assert is_exact
    seen = np.zeros(target.shape, bool)
    for block in blocks:
        seen[np.ix_(*(list(list_bits(bits)) for bits in block))] = True
    return seen


def check_known(module: nn.Module | Callable[..., Tensor], *shapes: tuple[int, ...], batch: int = 2) -> None:
    """Assert that every operation has a rule, in eval and in training, forward and backward; shapes have no batch."""
    scaled = Scaled(module if isinstance(module, nn.Module) else Call(module))
    for mode, backward in (("eval", False), ("train", True)):
        traced = trace(scaled, list(shapes), batch, mode=mode, backward=backward)  # type: ignore[arg-type]
        assert not [operation.target for operation in traced.operations if find_rule(operation) is None]


class Scaled(nn.Module):
    """A module whose inputs are multiplied by a parameter, so that the backward pass goes through all of it."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.scale = module, nn.Parameter(torch.ones(()))

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.module(*(value * self.scale for value in inputs))  # type: ignore[no-any-return]


def find_kinds(module: nn.Module | Callable[..., Tensor], *shapes: tuple[int, ...], mode: str = "eval") -> list[str]:
    """The words of the operations that move data, in order."""
    traced = trace(module if isinstance(module, nn.Module) else Call(module), list(shapes), mode=mode)  # type: ignore[arg-type]
    rules = [(find_rule(operation), operation) for operation in traced.operations if not operation.is_view]
    return [rule.kind if isinstance(rule.kind, str) else rule.kind(operation) for rule, operation in rules if rule]
