"""Memory that was written through other views: each cell holds what the latest write there put into it."""

from __future__ import annotations

from collections.abc import Iterable

from striate.measure.operation import Operation
from striate.measure.reach import Sources
from striate.measure.rules.geometry import Box, Relation, read_relation, relate
from striate.measure.rules.rule import Rule

MOST_BOXES = 64


def read_overlay(operation: Operation, output: int = 0) -> Sources:
    """Each source where no later one covers it."""
    return [
        read
        for relation, boxes in _plan(operation) or []
        for box in boxes
        for read in read_relation(operation, relation, box)
    ]


def is_plain(operation: Operation) -> bool:
    """Whether every source's place in the output follows from its strides."""
    return _plan(operation) is not None


def _plan(operation: Operation) -> list[tuple[Relation, list[Box]]] | None:
    """Say for each source which part of the output it is left with."""
    (sources,), (output,) = operation.arguments, operation.outputs
    relations = [relate(output, source, *sources) for source in sources]
    known = [relation for relation in relations if relation is not None]
    if len(known) < len(relations):
        return None
    plan = []
    for place, relation in enumerate(known):
        boxes = subtract(relation.box, [later.box for later in known[place + 1 :]])
        if len(boxes) > MOST_BOXES:
            return None
        plan.append((relation, boxes))
    return plan


def subtract(box: Box, others: Iterable[Box]) -> list[Box]:
    """Take boxes away from a box; what is left is the union of those returned, which may overlap.

    >>> subtract((0b11, 0b111), [(0b11, 0b001)])
    [(3, 6)]
    >>> subtract((0b11, 0b11), [(0b01, 0b10)])
    [(2, 3), (3, 1)]
    """
    left = [box] if all(box) else []
    for other in others:
        if len(left) > MOST_BOXES:
            break
        left = [piece for part in left for piece in _take_away(part, other)]
        left = [part for part in dict.fromkeys(left) if not any(_lies_in(part, whole) for whole in left)]
    return left


def _take_away(box: Box, other: Box) -> list[Box]:
    if not all(mine & theirs for mine, theirs in zip(box, other, strict=True)):
        return [box]
    rests = [mine & ~theirs for mine, theirs in zip(box, other, strict=True)]
    return [(*box[:axis], rest, *box[axis + 1 :]) for axis, rest in enumerate(rests) if rest]


def _lies_in(part: Box, whole: Box) -> bool:
    return part != whole and all(mine & ~theirs == 0 for mine, theirs in zip(part, whole, strict=True))


RULES = {"overlay": Rule("overlay", read_overlay, holds=is_plain)}
