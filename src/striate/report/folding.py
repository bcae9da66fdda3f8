"""Rows as bars: one each while they fit, else folded by module, so that a picture of any network can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from math import ceil

from striate.measure.row import EXACT, Row

MOST = 60  # bars that one picture holds
FEW = MOST // 5  # a level of modules that leaves fewer says too little: the next one is taken, neighbours joined
LONGEST = 38  # characters of a label


@dataclass(frozen=True)
class Bar:
    """What stands at one place of the layer axis: a row, or neighbours together."""

    label: str
    rows: tuple[Row, ...]

    @property
    def multiplies(self) -> int:
        """Sum over the rows."""
        return sum(row.multiplies for row in self.rows)

    @property
    def parameters(self) -> int:
        """Sum over the rows."""
        return sum(row.parameters for row in self.rows)

    @property
    def output_bytes(self) -> int:
        """Sum over the rows."""
        return sum(row.output_bytes for row in self.rows)

    @property
    def saved_bytes(self) -> int:
        """Sum over the rows; nothing where no backward pass was traced."""
        return sum(row.saved_bytes or 0 for row in self.rows)

    @property
    def last(self) -> Row | None:
        """The last of them that ran: what it sees, all of them see. None where none ran."""
        return next((row for row in reversed(self.rows) if row.index >= 0), None)

    @property
    def is_partial(self) -> bool:
        """Whether one of them could not be counted whole."""
        return any(row.status != EXACT for row in self.rows)


def fold_rows(rows: Sequence[Row], most: int = MOST) -> tuple[Bar, ...]:
    """Make at most `most` bars of the rows, in their order; every row is in exactly one.

    More rows are put together by the deepest level of modules that fits. Where none does, or the one that does leaves
    next to nothing, neighbours of the level below are joined.
    """
    if len(rows) <= most:
        return tuple(Bar(_name(row), (row,)) for row in rows)
    finer: list[list[Row]] = [[row] for row in rows]
    for depth in range(max(row.name.count(".") for row in rows) + 1, 0, -1):
        groups = [list(group) for _, group in groupby(rows, partial(_cut, depth=depth))]
        if len(groups) <= most:
            if len(groups) < FEW:
                break
            return tuple(Bar(_name_group(group, depth), tuple(group)) for group in groups)
        finer = groups
    return tuple(_join(finer, ceil(len(finer) / ceil(len(finer) / most))))


def _cut(row: Row, depth: int) -> list[str]:
    return row.name.split(".")[:depth]


def _join(groups: Sequence[Sequence[Row]], count: int) -> list[Bar]:
    edges = [place * len(groups) // count for place in range(count + 1)]
    parts = [groups[start:stop] for start, stop in pairwise(edges)]
    return [Bar(_name_span(rows), rows) for rows in (tuple(row for group in part for row in group) for part in parts)]


def _name(row: Row) -> str:
    """The row's name, and its kind unless the name ends in it: features.0 conv."""
    last = row.name.rpartition(".")[2].rstrip("0123456789")
    return shorten_path(row.name if last == row.kind else f"{row.name} {row.kind}".strip(), LONGEST)


def _name_group(rows: Sequence[Row], depth: int) -> str:
    if len(rows) == 1:
        return _name(rows[0])
    return _count(".".join(_cut(rows[0], depth)), rows)


def _name_span(rows: Sequence[Row]) -> str:
    first, last = rows[0].name or rows[0].kind, rows[-1].name or rows[-1].kind
    half = LONGEST // 3
    return _count(first if first == last else f"{shorten_path(first, half)} to {shorten_path(last, half)}", rows)


def _count(name: str, rows: Sequence[Row]) -> str:
    count = f" ({len(rows)} rows)"
    return shorten_path(name, LONGEST - len(count)) + count


def shorten_path(name: str, most: int) -> str:
    """Cut a module's path to so many characters, from its front: its end says more.

    >>> shorten_path("features.denseblock1.denselayer1.conv1", 20)
    '…denselayer1.conv1'
    """
    clean = "".join(sign if sign.isprintable() else "?" for sign in name)
    if len(clean) <= most:
        return clean
    tail = clean[len(clean) - most + 1 :]
    place = tail.find(".") + 1
    return "…" + (tail[place:] if place < most // 2 else tail)
