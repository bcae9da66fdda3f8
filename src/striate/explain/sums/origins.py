"""Where the numbers of a value come from: each cell followed back through all that only moves numbers about.

Pads, crops, views, concatenations, shuffles and copies are done once more on the numbers of the cells themselves in
place of their content. What has no such cell (padding, a gap that was filled) is 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from striate.explain.sums.playing import OVERLAY, Machine, Play
from striate.explain.sums.spelled import Places
from striate.measure.operation import Operation, Value

MOVING = frozenset((
    "clone", "contiguous", "_to_copy", "copy", "copy_", "cat", "stack", "constant_pad_nd", "reflection_pad1d",
    "reflection_pad2d", "reflection_pad3d", "replication_pad1d", "replication_pad2d", "replication_pad3d",
    "index_select", "index", "gather", "flip", "roll", "repeat", "take", "take_along_dim", "upsample_nearest1d",
    "upsample_nearest2d", "upsample_nearest3d", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle",
    "native_channel_shuffle", "repeat_interleave", "im2col", "unfold_copy", "_unsafe_view", "_reshape_copy",
    "view_copy", "slice_scatter", "select_scatter", "narrow_copy", "tile", "_unsafe_index",
))  # fmt: skip
MAKING = frozenset((
    "empty", "empty_like", "empty_strided", "new_empty", "new_zeros", "zeros", "zeros_like", "new_empty_strided",
    "full",
))  # fmt: skip
POINTING = {
    "index_select": (2,),
    "gather": (2,),
    "take": (1,),
    "take_along_dim": (1,),
    "index": (1,),
    "_unsafe_index": (1,),
}
Scope = Callable[[Operation], bool]


@dataclass(eq=False)
class Origin:
    """For each cell of a value, the number of the cell that it was moved from; `roots` number their cells in turn."""

    numbers: Places
    roots: list[tuple[int, Value]] = field(default_factory=list)

    def find(self, number: int) -> tuple[Value, tuple[int, ...]] | None:
        """The value and the cell of a number; None for 0."""
        for base, value in self.roots:
            if base < number <= base + prod(value.shape):
                place = np.unravel_index(number - base - 1, value.shape) if value.shape else ()
                return value, tuple(int(index) for index in place)
        return None


def moves(operation: Operation) -> bool:
    """Whether an operation only moves numbers about."""
    name = operation.name
    return (
        (operation.is_view and operation.target != OVERLAY)
        or name in MOVING
        or name in MAKING
        or operation.target == OVERLAY
    )


def find_origin(playing: Play, value: Value, scope: Scope) -> Origin:
    """Follow each cell of a value back through moving operations of the scope.

    Cost:  a pass of those operations in float64.
    """
    needed: dict[int, Operation] = {}
    roots: dict[int, Value] = {}
    waiting = [value]
    while waiting:
        current = waiting.pop()
        maker = current.maker
        if maker is None or not moves(maker) or not scope(maker):
            roots[id(current)] = current
            continue
        if maker.index not in needed:
            needed[maker.index] = maker
            waiting += _list_moved(maker)
    return _Moving(playing, list(roots.values())).follow([needed[index] for index in sorted(needed)], value)


def _list_moved(operation: Operation) -> list[Value]:
    """The values whose numbers are moved, not those that say where to."""
    pointing = POINTING.get(operation.name, ())
    inputs: list[Value] = []
    for place, argument in enumerate(operation.arguments):
        if place in pointing:
            continue
        parts = argument if isinstance(argument, list | tuple) else [argument]
        inputs += [part for part in parts if isinstance(part, Value)]
    return inputs


class _Moving(Machine):
    """Moves the cells' numbers; what says where to is read from the pass itself."""

    def __init__(self, playing: Play, roots: list[Value]) -> None:
        super().__init__()
        self.playing, self.roots = playing, []
        base = 0
        for root in roots:
            count = prod(root.shape)
            numbers = torch.arange(base + 1, base + count + 1, dtype=torch.float64).reshape(root.shape)
            self.put(root, _lay_out(numbers, root))
            self.roots.append((base, root))
            base += count

    def follow(self, operations: list[Operation], value: Value) -> Origin:
        for operation in operations:
            self.run(operation, self._change)
            if operation.name in MAKING:
                self.live[id(operation.outputs[0])].zero_()
        return Origin(self.seen[id(value)].reshape(value.shape).long().numpy(), self.roots)

    def _fill(self, argument: Any) -> Any:
        if isinstance(argument, Value) and id(argument) not in self.live:
            return self.playing.read(argument)
        return super()._fill(argument)

    def _change(self, operation: Operation, given: Any) -> Any:
        """Nothing is cast, and what is filled in is 0."""
        arguments, keywords = given
        if operation.name == "constant_pad_nd":
            arguments = [*arguments[:2], 0.0]
        if "dtype" in keywords:
            keywords = {**keywords, "dtype": torch.float64}
        return arguments, {name: each for name, each in keywords.items() if name != "device"} | (
            {"device": torch.device("cpu")} if "device" in keywords else {}
        )


def _lay_out(numbers: Tensor, root: Value) -> Tensor:
    """The same numbers in memory as the value lay, so that views of its memory mean the same."""
    if 0 in root.strides or root.offset or not numbers.numel():
        return numbers
    span = 1 + sum((extent - 1) * stride for extent, stride in zip(root.shape, root.strides, strict=True))
    if span != numbers.numel():
        return numbers
    laid = torch.empty_strided(root.shape, root.strides, dtype=torch.float64)
    return laid.copy_(numbers)
