"""A placed network as a person reads it: what the text repeats stands once, with how often.

A row's parts are told apart by their place in the text, their words and their shapes; where a run of them comes again
right behind itself, it becomes a `fold`. The shortest runs are folded first, then those that hold them, until nothing
repeats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from striate.nets.expansion import Branches, Piece
from striate.nets.multiplies import count_multiplies
from striate.nets.shapes import Placed
from striate.nets.words.word import Plain, Shape

Row: TypeAlias = "tuple[Node, ...]"
Kind: TypeAlias = "Literal['layer', 'piece', 'branches', 'fold']"
MOST_PERIOD = 256  # parts that come again together


@dataclass(frozen=True)
class Node:
    """One part of the outline; its figures are those of one of the `count` parts that it stands for.

    `path` is the first one's name. A fold has one row, which comes `times` times; `multiplies` is None where a trace
    alone can tell.
    """

    kind: Kind
    word: str
    text: str
    path: str
    at: int
    input: Shape
    output: Shape
    parameters: int = 0
    multiplies: int | None = 0
    times: int = 1
    rows: tuple[Row, ...] = ()
    id: int = -1
    count: int = 1


Keyed: TypeAlias = "tuple[int, Node]"


def outline(placed: tuple[Placed, ...], *, folds: bool = True) -> Row:
    """Write a placed network as an outline; without `folds` every repetition stands by itself.

    >>> from striate.nets.notation import parse
    >>> from striate.nets.shapes import place
    >>> found = outline(place(parse("[conv3-8, relu]*3, gap"), (8, 6, 6)))
    >>> [(node.kind, node.times, node.path) for node in found]
    [('fold', 3, 'conv1'), ('layer', 1, 'gap1')]
    """
    return _number(_Outliner(folds=folds).read_row(placed, "")[1])


class _Outliner:
    """`keys` gives equal parts equal numbers."""

    def __init__(self, *, folds: bool) -> None:
        self.folds = folds
        self.keys: dict[object, int] = {}

    def read_row(self, row: tuple[Placed, ...], prefix: str) -> tuple[int, Row]:
        keyed = [self._read_part(part, prefix + part.name) for part in row]
        while self.folds and len(folded := self._fold(keyed)) < len(keyed):
            keyed = folded
        return self._find_key(tuple(key for key, _ in keyed)), tuple(node for _, node in keyed)

    def _read_part(self, placed: Placed, path: str) -> Keyed:
        part = placed.part
        rows: list[Row] = []
        inner: list[int] = []
        for number, row in enumerate(placed.rows, 1):
            key, nodes = self.read_row(row, f"{path}.branch{number}." if isinstance(part, Branches) else f"{path}.")
            inner.append(key)
            rows.append(nodes)
        kind: Kind = "layer" if isinstance(part, Plain) else "piece" if isinstance(part, Piece) else "branches"
        text = str(part) if isinstance(part, Plain) else placed.word
        multiplies = count_multiplies(part, placed.input, placed.output) if isinstance(part, Plain) else 0
        shapes = (placed.input, placed.output)
        node = Node(kind, placed.word, text, path, part.at, *shapes, placed.parameters, multiplies, rows=tuple(rows))
        return self._find_key((part.at, text, *shapes, *inner)), node

    def _fold(self, keyed: list[Keyed]) -> list[Keyed]:
        """Fold the shortest runs that come again; the longer ones around them are left to the next pass."""
        runs = _find_runs(keyed)
        shortest = min((period for period, _ in runs.values()), default=0)
        folded: list[Keyed] = []
        place = 0
        while place < len(keyed):
            period, times = runs.get(place, (0, 1))
            if times > 1 and period == shortest:
                folded.append(self._join(keyed[place : place + period], times))
                place += times * period
            else:
                folded.append(keyed[place])
                place += 1
        return folded

    def _join(self, keyed: list[Keyed], times: int) -> Keyed:
        row = tuple(node for _, node in keyed)
        text = row[0].text if len(row) == 1 else f"{len(row)} parts"
        shapes = (row[0].input, row[-1].output)
        node = Node("fold", "repeat", text, row[0].path, row[0].at, *shapes, times=times, rows=(row,))
        return self._find_key(("fold", times, *(key for key, _ in keyed))), node

    def _find_key(self, content: object) -> int:
        return self.keys.setdefault(content, len(self.keys))


def _find_runs(keyed: list[Keyed]) -> dict[int, tuple[int, int]]:
    """Where a run begins that comes again right behind itself: its period, and how often it comes.

    A run begins where it does in the text, and not in the midst of what is repeated.
    """
    keys, offsets = [key for key, _ in keyed], [node.at for _, node in keyed]
    runs: dict[int, tuple[int, int]] = {}
    later: dict[int, int] = {}
    for place in range(len(keys) - 1, -1, -1):
        period = later.get(keys[place], place) - place
        later[keys[place]] = place
        if not 0 < period <= MOST_PERIOD or keys[place : place + period] != keys[place + period : place + 2 * period]:
            continue
        if offsets[place] == min(offsets[place : place + period]):
            again = runs.get(place + period, (0, 1))
            runs[place] = (period, 1 + (again[1] if again[0] == period else 1))
    return runs


def _number(row: Row) -> Row:
    """Give each node its number, from top to bottom, and how many parts it stands for."""
    numbers = iter(range(1 << 30))

    def visit(node: Node, count: int) -> Node:
        own, count = next(numbers), count * node.times
        rows = tuple(tuple(visit(inner, count) for inner in row) for row in node.rows)
        return replace(node, rows=rows, id=own, count=count)

    return tuple(visit(node, 1) for node in row)


def list_nodes(row: Iterable[Node]) -> Iterator[Node]:
    """Every node, from top to bottom: a node before what is in it."""
    for node in row:
        yield node
        for inner in node.rows:
            yield from list_nodes(inner)


def count_uses(row: Iterable[Node]) -> Counter[int]:
    """How many layers each place of the text stands for."""
    uses: Counter[int] = Counter()
    for node in list_nodes(row):
        uses[node.at] += node.count if node.kind == "layer" else 0
    return uses


def match(row: Row, placed: tuple[Placed, ...]) -> dict[str, int]:
    """The node that each layer, bracket and piece of the network is shown by: its number, by path."""
    found: dict[str, int] = {}

    def visit(nodes: Row, parts: Iterator[Placed], prefix: str) -> None:
        for node in nodes:
            if node.kind == "fold":
                for _ in range(node.times):
                    visit(node.rows[0], parts, prefix)
                continue
            part = next(parts)
            found[path := prefix + part.name] = node.id
            for number, (inner, below) in enumerate(zip(node.rows, part.rows, strict=True), 1):
                deeper = f"{path}.branch{number}." if node.kind == "branches" else f"{path}."
                visit(inner, iter(below), deeper)

    visit(row, iter(placed), "")
    return found
