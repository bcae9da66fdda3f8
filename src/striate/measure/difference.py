"""What changed between two designs: their rows matched in order, and every figure before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from striate.measure.row import Row
from striate.measure.table import Table

Sign: TypeAlias = Literal["same", "changed", "added", "removed"]
Pair: TypeAlias = "tuple[Row | None, Row | None]"
COMPARED = (
    "kind",
    "output",
    "parameters",
    "multiplies",
    "backward_multiplies",
    "output_bytes",
    "saved_bytes",
    "field",
    "depth",
    "status",
)
TOTALS = (
    "parameters",
    "multiplies",
    "backward_multiplies",
    "saved_bytes",
    "inference_bytes",
    "training_bytes",
    "depth",
)
Key: TypeAlias = Callable[[Row], object]


def key_cost(row: Row) -> object:
    """Rows of equal shape and cost."""
    return row.kind, row.output, row.parameters, row.multiplies


def key_name(row: Row) -> object:
    """Rows of one name."""
    return row.kind, row.name


def key_extent(row: Row) -> object:
    """Rows of one kind at one extent."""
    return row.kind, row.output[1:]


ORDERS: tuple[tuple[Key, ...], ...] = ((key_cost, key_name, key_extent), (key_name, key_cost, key_extent))
"""What makes two rows a pair, tried in order: a layer put in moves the names on, another width changes the costs."""


@dataclass(frozen=True)
class Change:
    """One row before and after: None where it isn't there. Names alone are no change."""

    before: Row | None
    after: Row | None

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of the figures that differ; empty where a row was added or removed."""
        if self.before is None or self.after is None:
            return ()
        return tuple(name for name in COMPARED if getattr(self.before, name) != getattr(self.after, name))

    @property
    def sign(self) -> Sign:
        """What happened to the row."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.figures else "same"


@dataclass(frozen=True)
class Total:
    """One total before and after; None where it was not measured."""

    name: str
    before: int | None
    after: int | None

    @property
    def difference(self) -> int | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def ratio(self) -> Fraction | None:
        """After over before; None where that was nothing."""
        return None if self.after is None or not self.before else Fraction(self.after, self.before)


@dataclass(frozen=True)
class Difference:
    """Two tables compared: `rows` has every row of both, in the order of each; `totals` every total."""

    before: Table
    after: Table
    rows: tuple[Change, ...]
    totals: tuple[Total, ...]


def compare(before: Table, after: Table) -> Difference:
    """Find what changed from one table to the other: rows are matched in order, so that as few as possible differ.

    Cost:  in proportion to the rows where the tables are alike; at worst to their number's square.

    >>> from torch import nn
    >>> from striate.measure.measurement import measure
    >>> thin, wide = (measure(nn.Sequential(nn.Conv2d(3, n, 3), nn.ReLU()), (3, 8, 8)) for n in (8, 16))
    >>> difference = compare(thin, wide)
    >>> [(change.sign, change.after.kind) for change in difference.rows]
    [('changed', 'conv'), ('changed', 'relu')]
    >>> str(difference.totals[0].ratio)
    '2'
    """
    ways = (tuple(Change(*pair) for pair in _match(before.rows, after.rows, keys)) for keys in ORDERS)
    changes = min(ways, key=_judge)
    totals = tuple(Total(name, getattr(before, name), getattr(after, name)) for name in TOTALS)
    return Difference(before, after, changes, totals)


def _judge(changes: Sequence[Change]) -> tuple[int, int]:
    """How much a way to match leaves: rows without a partner, then rows that differ from theirs."""
    signs = [change.sign for change in changes]
    return signs.count("added") + signs.count("removed"), signs.count("changed")


def _match(before: Sequence[Row], after: Sequence[Row], keys: Sequence[Key]) -> Iterator[Pair]:
    """Pair what the first key matches, in order; between two matches, what the next ones do; the rest stands alone."""
    if not keys or not before or not after:
        yield from ((row, None) for row in before)
        yield from ((None, row) for row in after)
        return
    first: list[Any] = [keys[0](row) for row in before]
    second: list[Any] = [keys[0](row) for row in after]
    start = _count_alike(first, second)
    end = _count_alike(first[start:][::-1], second[start:][::-1])
    middle = slice(start, len(first) - end), slice(start, len(second) - end)
    yield from zip(before[:start], after[:start], strict=True)
    for tag, low, high, other_low, other_high in SequenceMatcher(
        None, first[middle[0]], second[middle[1]], autojunk=False
    ).get_opcodes():
        pieces = before[start + low : start + high], after[start + other_low : start + other_high]
        yield from zip(*pieces, strict=True) if tag == "equal" else _match(*pieces, keys[1:])
    yield from zip(before[len(first) - end :], after[len(second) - end :], strict=True)


def _count_alike(first: Sequence[Any], second: Sequence[Any]) -> int:
    """How far two sequences begin alike."""
    pairs = zip(first, second, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))
