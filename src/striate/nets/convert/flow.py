"""A value on its way through a sliding network: what one window has of it, and the call that makes it for all."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from torch import fx

from striate.nets.convert.axis import Axis


@dataclass(frozen=True)
class Flow:
    """A value that depends on the input: in the new graph always a map of `channels` over the `axes`.

    `shape` is what the original gives for one window, without the batch: the map, or the map flattened.
    """

    node: fx.Node
    channels: int
    axes: tuple[Axis, ...]
    shape: tuple[int, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        """The window's cells along each axis."""
        return tuple(axis.cells for axis in self.axes)

    @property
    def is_map(self) -> bool:
        """Whether the original has channels and extents here."""
        return self.shape == (self.channels, *self.cells)

    @property
    def is_flat(self) -> bool:
        """Whether the original has one row of features here."""
        return self.shape == (self.channels * prod(self.cells),)

    @property
    def is_single(self) -> bool:
        """Whether the window has one cell."""
        return prod(self.cells) == 1

    def spells(self, shape: tuple[int, ...]) -> bool:
        """Whether a shape has these cells in their order: as map, as rows, flat; or without axes of one cell."""
        cells = prod(self.cells)
        if shape in ((self.channels, *self.cells), (self.channels, cells), (self.channels * cells,)):
            return True
        kept = tuple(number for number in self.cells if number != 1)
        return shape[:1] == (self.channels,) and tuple(number for number in shape[1:] if number != 1) == kept


def write_shape(shape: tuple[int, ...]) -> str:
    """A shape as people write it.

    >>> write_shape((3, 32, 32))
    '3x32x32'
    """
    return "x".join(map(str, shape)) or "one number"
