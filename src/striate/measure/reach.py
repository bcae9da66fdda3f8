"""Which cells of an operation's input one cell of its output reads, axis by axis: plain descriptions, no arithmetic.

Everything about sight follows from them: the field of a row (`fields`) and what one cell sees exactly (`sight`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from striate.arithmetic import Window
from striate.measure.operation import Value


@dataclass(frozen=True, slots=True)
class Same:
    """The index is that of the output's axis `dim`."""

    dim: int


@dataclass(frozen=True, slots=True)
class Slide:
    """A window slides: output cell o of axis `dim` reads `locate_inputs(window, [o])`, as far as the input has them."""

    dim: int
    window: Window


@dataclass(frozen=True, slots=True)
class Listed:
    """Output cell o of axis `dim` reads the cells `windows[o]`; an empty tuple reads nothing of this input."""

    dim: int
    windows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """Every output cell reads the whole axis."""


@dataclass(frozen=True, slots=True)
class Only:
    """Every output cell reads these cells of the axis."""

    cells: range


@dataclass(frozen=True, slots=True)
class Digit:
    """The output's axis `dim` counts through several axes, row by row: the index is o // divide % modulo."""

    dim: int
    divide: int
    modulo: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The axis counts through the output's axes `dims` of these `extents`: the index is their row-major number."""

    dims: tuple[int, ...]
    extents: tuple[int, ...]


Axis: TypeAlias = Same | Slide | Listed | Whole | Only | Digit | Joined
Reach: TypeAlias = tuple[Axis, ...]
"""One description for each axis of the input."""
Sources: TypeAlias = list[tuple[Value, Reach]]
"""What one output of an operation reads: its inputs, each with its reach; an input that it reads twice stands twice."""
