"""The slow twin of every count: products of numbers, done one by one and tallied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn

from striate.measure.operation import Operation
from striate.measure.rules import attention, convolution, distance, matrix, recurrent, stacked, transformer
from striate.measure.rules.rule import Rule
from striate.measure.trace import Trace, trace

RULES: dict[str, Rule] = {
    name: rule
    for family in (convolution, matrix, distance, attention, transformer, recurrent, stacked)
    for name, rule in family.RULES.items()
}


class Tally:
    """Multiplies matrices by hand, and counts every product of two numbers."""

    def __init__(self) -> None:
        self.count = 0

    def multiply(self, left: Tensor, right: Tensor) -> Tensor:
        """A matrix by a matrix, cell by cell and term by term."""
        made = torch.zeros(left.shape[0], right.shape[1], dtype=left.dtype)
        rows, columns = left.tolist(), right.T.tolist()
        for i, k in product(range(left.shape[0]), range(right.shape[1])):
            total = 0.0
            for a, b in zip(rows[i], columns[k], strict=True):
                total += a * b
                self.count += 1
            made[i, k] = total
        return made

    def map(self, matrix: Tensor, vector: Tensor) -> Tensor:
        """A matrix by a vector."""
        return self.multiply(vector[None], matrix.T)[0]


class Whole(nn.Module):
    """Runs a module in inference mode, in which the recorder has to split what torch leaves whole."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: Tensor) -> Any:
        with torch.inference_mode():
            return self.module(*inputs)


class Scaled(nn.Module):
    """A function of its inputs as a module; with a parameter upstream of them, so that all take gradients."""

    def __init__(self, function: Callable[..., Any], *, scale: bool = True) -> None:
        super().__init__()
        self.function = function
        self.scale = nn.Parameter(torch.ones(())) if scale else None

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(*(inputs if self.scale is None else (value * self.scale for value in inputs)))


def run(
    module: nn.Module | Callable[..., Any], *shapes: Sequence[int], backward: bool = False, mode: str = "eval"
) -> Trace:
    """Trace with inputs of these shapes, batch and all."""
    module = module if isinstance(module, nn.Module) else Scaled(module)
    return trace(module, [torch.empty(*shape) for shape in shapes], backward=backward, mode=mode)  # type: ignore[arg-type]


def find(operation: Operation) -> Rule | None:
    return RULES.get(operation.name) or RULES.get(operation.name.removesuffix("_"))


def count(traced: Trace, phase: str = "forward") -> int:
    """The multiplies of a pass, by the rules of the families that multiply."""
    return sum(made for _, made in list_counts(traced, phase))


def list_counts(traced: Trace, phase: str = "forward") -> Iterator[tuple[str, int]]:
    for operation in traced.operations:
        rule = find(operation)
        if operation.phase == phase and rule is not None and rule.multiplies is not None:
            yield operation.name, rule.multiplies(operation)


def list_names(traced: Trace, phase: str = "forward") -> set[str]:
    return {operation.name for operation in traced.operations if operation.phase == phase}
