"""Text in columns within a width: names fold, figures never do, and columns that don't fit are left out by rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

NARROWEST = 8  # of the column of names
GAPS = (2, 1)
EXTRA = 4  # columns from this rank on are left out before the gap is narrowed
DEEPEST = 4  # a folded name's indent
MARKS = "._ "  # after which a name may be folded


@dataclass(frozen=True)
class Column:
    """One column: its title, a cell for each line, and what stands below.

    Columns of the highest `rank` are left out first where the width is short; those of rank 0 stay. Cells of more than
    `most` letters fold.
    """

    title: str
    cells: Sequence[str]
    foot: str = ""
    is_number: bool = True
    rank: int = 0
    most: int | None = None

    @cached_property
    def width(self) -> int:
        """Letters of the widest cell, or `most`."""
        widest = max(len(self.title), len(self.foot), *map(len, self.cells), 0)
        return widest if self.most is None else min(widest, self.most)


@dataclass(frozen=True)
class Layout:
    """Columns that fit, the gap between two, the `room` for names beside them, and the titles of those left out."""

    columns: Sequence[Column]
    gap: int
    room: int
    left_out: tuple[str, ...] = ()


def lay_out(columns: Sequence[Column], width: int, wanted: int = NARROWEST) -> Layout:
    """Leave room for names of `wanted` letters: narrow the gap for it, and leave out extra columns.

    Where that isn't enough, names have what is left; below `NARROWEST` letters, other columns are left out too.

    >>> costs = [Column("cost", ["1"]), Column("depth", ["2"], rank=1)]
    >>> lay_out(costs, 30).room, lay_out(costs, 16).left_out
    (17, ('depth',))
    """
    kept = list(columns)
    while True:
        rank = max((column.rank for column in kept), default=0)
        rooms = {gap: width - sum(column.width + gap for column in kept) for gap in GAPS}
        gap = GAPS[0] if rooms[GAPS[0]] >= wanted else GAPS[-1]
        fits = gap == GAPS[0] if rank >= EXTRA else rooms[gap] >= NARROWEST
        if fits or not rank:
            left_out = [column.title for column in columns if not any(column is other for other in kept)]
            return Layout(kept, gap, max(rooms[gap], NARROWEST), tuple(left_out))
        kept = _leave_out_one(kept, rank)


def _leave_out_one(columns: Sequence[Column], rank: int) -> list[Column]:
    """All but the last column of a rank."""
    place = max(place for place, column in enumerate(columns) if column.rank == rank)
    return [*columns[:place], *columns[place + 1 :]]


def write_grid(names: Column, layout: Layout, heads: Sequence[Sequence[str]] = ()) -> str:
    """Write names and columns, titles first and feet last.

    `heads` are, for each line, headlines that stand above it.

    >>> print(write_grid(Column("name", ["conv1", "fc"], "total"), lay_out([Column("cost", ["1", "20"], "21")], 20)))
    name   cost
    conv1     1
    fc       20
    total    21
    """
    columns, room = layout.columns, min(names.width, layout.room)
    total = room + sum(column.width + layout.gap for column in columns)
    lines = _write_line(names.title, [column.title for column in columns], layout, room)
    for place, name in enumerate(names.cells):
        for headline in heads[place] if heads else ():
            lines += fold(headline, total)
        lines += _write_line(name, [column.cells[place] for column in columns], layout, room)
    if names.foot:
        lines += _write_line(names.foot, [column.foot for column in columns], layout, room)
    return "\n".join(line.rstrip() for line in lines)


def _write_line(name: str, cells: Sequence[str], layout: Layout, room: int) -> list[str]:
    """One line; what doesn't fit of a name stands below it, indented."""
    folded = [fold(name, room), *(fold(cell, column.width) for cell, column in zip(cells, layout.columns, strict=True))]
    widths = [room, *(column.width for column in layout.columns)]
    right = [False, *(column.is_number for column in layout.columns)]
    return [
        (" " * layout.gap).join(
            part.rjust(width) if number else part.ljust(width)
            for part, width, number in zip(parts, widths, right, strict=True)
        )
        for parts in zip_longest(*folded, fillvalue="")
    ]


def fold(name: str, room: int) -> list[str]:
    """Part a name that is too long, at a dot, an underscore or a space where there is one; what follows is indented.

    >>> fold("layer1.0.downsample.0", 14)
    ['layer1.0.', '  downsample.0']
    """
    if len(name) <= room:
        return [name]
    indent = len(name) - len(name.lstrip())
    cut = max(name.rfind(mark, indent + 1, room) for mark in MARKS) + 1 or room
    return [name[:cut], *fold(" " * min(indent + 2, DEEPEST) + name[cut:], room)]
