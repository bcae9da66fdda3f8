"""The resolutions that a network goes through, and what the middle cell of each sees of the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, prod

from striate.measure.row import Row
from striate.measure.table import Table

MOST = 10  # stages that one drawing holds
NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


@dataclass(frozen=True)
class Stage:
    """One resolution: its extents, and what its middle cell sees along each axis; None where that is the whole input.

    Where cells differ, `seen` contains what each of them sees and `varies` is true.
    """

    extents: tuple[int, ...]
    seen: tuple[range, ...] | None
    varies: bool = False

    @property
    def title(self) -> str:
        """The resolution: 56 × 56."""
        return " × ".join(map(str, self.extents))

    @property
    def text(self) -> str:
        """What is seen: 91 × 91, or the whole input."""
        if self.seen is None:
            return "whole input"
        return ("≤ " if self.varies else "") + " × ".join(str(len(part)) for part in self.seen)


def find_extents(table: Table) -> tuple[int, ...]:
    """The spatial extents of the first input; of several, those of the first that has as many axes as the fields."""
    axes = {len(row.field.size) for row in table.rows if row.field is not None}
    fitting = [shape[1:] for shape in table.input if len(shape) - 1 in axes]
    return (fitting or [shape[1:] for shape in table.input] or [()])[0]


def find_stages(table: Table) -> tuple[Stage, ...]:
    """Find the resolutions in the order of the run, `MOST` at most: of each, the row that sees most.

    A resolution that comes back, as in a U-Net, is a stage again; where there are too many, each stands once.
    """
    axes = len(find_extents(table))
    rows = [row for row in table.rows if axes and row.index >= 0 and len(row.output) == axes + 1]
    runs = [_find_widest(list(run)) for _, run in groupby(rows, key=lambda row: row.output[1:])]
    if len(runs) > MOST:
        met = dict.fromkeys(row.output[1:] for row in runs)
        runs = [_find_widest([row for row in runs if row.output[1:] == extents]) for extents in met]
    while len(runs) > MOST:
        runs = runs[::2]
    return tuple(Stage(row.output[1:], _find_seen(row), row.field is not None and row.field.varies) for row in runs)


def _find_widest(rows: Sequence[Row]) -> Row:
    return max(reversed(rows), key=lambda row: float("inf") if row.field is None else prod(row.field.size))


def _find_seen(row: Row) -> tuple[range, ...] | None:
    if row.field is None:
        return None
    parts = zip(row.field.size, row.field.step, row.field.offset, row.output[1:], strict=True)
    starts = [(floor(offset + extent // 2 * step), size) for size, step, offset, extent in parts]
    return tuple(range(start, start + size) for start, size in starts)


def group_axes(table: Table) -> dict[tuple[int, ...], str]:
    """Put the input's axes together that have one extent and are seen alike by every row; give each group its name.

    Two axes of a square picture under square kernels are one group: height, width.
    """
    extents = find_extents(table)
    groups: dict[tuple[object, ...], list[int]] = {}
    fields = [row.field for row in table.rows if row.field is not None]
    for axis, extent in enumerate(extents):
        seen = ((field.size[axis], field.step[axis], field.offset[axis]) for field in fields)
        groups.setdefault((extent, *seen), []).append(axis)
    names = NAMES.get(len(extents), tuple(f"axis {axis}" for axis in range(len(extents))))
    return {tuple(axes): ", ".join(names[axis] for axis in axes) for axes in groups.values()}
