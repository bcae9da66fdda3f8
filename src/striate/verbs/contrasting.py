"""contrast: two versions of a network's text side by side: lines, totals, and layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from striate.nets.outline import Node, list_nodes
from striate.verbs.sketching import Sketch, sketch

if TYPE_CHECKING:
    from striate.nets.words.word import Shape

Sign = Literal["same", "gone", "new", "changed"]


@dataclass(frozen=True)
class Pair:
    """What stands in the same place of the two versions; empty where one has nothing there."""

    sign: Sign
    before: str
    after: str


@dataclass(frozen=True)
class Total:
    """One figure of both; None where a version has none."""

    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Contrast:
    """Two versions: their texts' lines, their totals, their layers as they run; `problem` where one can't be drawn."""

    lines: tuple[Pair, ...]
    totals: tuple[Total, ...] = ()
    layers: tuple[Pair, ...] = ()
    problem: str = ""


def contrast(before: str, after: str, input: Shape | None = None, classes: int | None = None) -> Contrast:
    r"""Lay two versions of a text side by side.

    >>> found = contrast("input 3x8x8\nconv3-8\nrelu", "input 3x8x8\nconv5-8\nrelu")
    >>> [(pair.sign, pair.before, pair.after) for pair in found.lines][1]
    ('changed', 'conv3-8', 'conv5-8')
    >>> found.totals[0]
    Total(name='parameters', before=224, after=608)
    """
    lines = tuple(_pair(before.splitlines(), after.splitlines()))
    first, second = (sketch(text, input, classes) for text in (before, after))
    for name, found in (("A", first), ("now", second)):
        if found.problem:
            return Contrast(lines, problem=f"{name}, line {found.problem.line}: {found.problem.message}")
    return Contrast(lines, _total(first, second), tuple(_pair(_list_layers(first), _list_layers(second))))


def _pair(before: Sequence[str], after: Sequence[str]) -> Iterator[Pair]:
    """What is equal stands together; what differs line by line, as far as both have some.

    Cost:    in proportion to the lines that begin and end both, and to the square of those between.
    """
    head = _count_alike(before, after)
    tail = _count_alike(before[head:][::-1], after[head:][::-1])
    end, stop = len(before) - tail, len(after) - tail
    yield from (Pair("same", line, line) for line in before[:head])
    yield from _pair_middle(before[head:end], after[head:stop])
    yield from (Pair("same", line, line) for line in before[end:])


def _count_alike(before: Sequence[str], after: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = zip(before, after, strict=False)
    return next((place for place, (old, new) in enumerate(pairs) if old != new), min(len(before), len(after)))


def _pair_middle(before: Sequence[str], after: Sequence[str]) -> Iterator[Pair]:
    for sign, start, end, begin, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if sign == "equal":
            yield from (Pair("same", line, line) for line in before[start:end])
            continue
        for place in range(max(end - start, stop - begin)):
            old = before[start + place] if start + place < end else None
            new = after[begin + place] if begin + place < stop else None
            yield Pair("new" if old is None else "gone" if new is None else "changed", old or "", new or "")


def _total(first: Sketch, second: Sketch) -> tuple[Total, ...]:
    names = ("parameters", "multiplies", "layers")
    return tuple(Total(name, getattr(first, name), getattr(second, name)) for name in names)


def _list_layers(found: Sketch) -> list[str]:
    """A line for each node of the outline, with what leaves it."""
    return [_write(node) for node in list_nodes(found.nodes) if node.kind != "fold"]


def _write(node: Node) -> str:
    times = f" ×{node.count}" if node.count > 1 else ""
    return f"{node.text if node.kind == 'layer' else node.word + '[ ]'}{times} → {'×'.join(map(str, node.output))}"
