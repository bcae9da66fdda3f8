"""Padding by a constant, a reflection or the border's cells; cropping is padding below zero. All are free."""

from __future__ import annotations

from collections.abc import Callable

from striate.arithmetic import Window
from striate.measure.operation import Operation, Value
from striate.measure.reach import Axis, Listed, Same, Slide, Sources
from striate.measure.rules.rule import Rule, read_everything


def find_pads(operation: Operation, axes: int) -> list[tuple[int, int]]:
    """Cells added before and after each axis, below zero where they are cut; torch lists the last axis first.

    >>> from striate.measure.trace import trace
    >>> import torch
    >>> find_pads(trace(torch.nn.ZeroPad2d((0, 0, 1, -2)), (1, 8, 8)).operations[0], 4)
    [(0, 0), (0, 0), (1, -2), (0, 0)]
    """
    numbers = operation.arguments[1]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    return [(0, 0)] * (axes - len(pairs)) + pairs[::-1]


def read_constant(operation: Operation, output: int = 0) -> Sources:
    """A shift; the cells added read nothing."""
    value: Value = operation.arguments[0]
    pads = find_pads(operation, len(value.shape))
    return [(value, tuple(_shift(dim, before, after) for dim, (before, after) in enumerate(pads)))]


def _shift(dim: int, before: int, after: int) -> Axis:
    return Slide(dim, Window(1, before=before, after=after)) if before or after else Same(dim)


def read_reflected(operation: Operation, output: int = 0) -> Sources:
    """The cells before and after mirror those inside; the border's cell stands once."""
    return _read_cells(operation, reflect)


def read_replicated(operation: Operation, output: int = 0) -> Sources:
    """The cells before and after repeat the border's."""
    return _read_cells(operation, clamp)


def _read_cells(operation: Operation, locate: Callable[[int, int], int]) -> Sources:
    value: Value = operation.arguments[0]
    pads = find_pads(operation, len(value.shape))
    return [(value, tuple(_list_cells(dim, value.shape[dim], pad, locate) for dim, pad in enumerate(pads)))]


def _list_cells(dim: int, extent: int, pad: tuple[int, int], locate: Callable[[int, int], int]) -> Axis:
    if pad == (0, 0):
        return Same(dim)
    return Listed(dim, tuple((locate(index, extent),) for index in range(-pad[0], extent + pad[1])))


def reflect(index: int, extent: int) -> int:
    """The cell that an index beyond the borders mirrors.

    >>> [reflect(index, 4) for index in range(-2, 6)]
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    return extent - 1 - abs(extent - 1 - abs(index))


def clamp(index: int, extent: int) -> int:
    """The cell nearest to an index beyond the borders."""
    return min(max(index, 0), extent - 1)


GRADIENTS = (
    "reflection_pad1d_backward reflection_pad2d_backward reflection_pad3d_backward "
    "replication_pad1d_backward replication_pad2d_backward replication_pad3d_backward"
)

RULES = {
    "constant_pad_nd": Rule("pad", read_constant),
    **dict.fromkeys(("reflection_pad1d", "reflection_pad2d", "reflection_pad3d"), Rule("pad", read_reflected)),
    **dict.fromkeys(("replication_pad1d", "replication_pad2d", "replication_pad3d"), Rule("pad", read_replicated)),
    **dict.fromkeys(GRADIENTS.split(), Rule("gradient", read_everything)),
}
