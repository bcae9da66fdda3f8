"""Which `maxpool` each `unpool` undoes: the latest before it that no other one undoes, as brackets pair."""

from __future__ import annotations

from dataclasses import replace

from striate.nets.expansion import Branches, Expanded, Part, Piece
from striate.nets.tree import Net
from striate.nets.words.word import Plain


def pair(items: Expanded, net: Net) -> Expanded:
    """Mark every `maxpool` that is undone later, in one pass from the end.

    A side head runs in training alone: what stands in it pairs within it.

    Raises:  NotationError at an `unpool` without a `maxpool` before it.

    >>> from striate.nets.notation import parse
    >>> from striate.nets.expansion import expand
    >>> net = parse("maxpool2, maxpool3, unpool, maxpool4")
    >>> [layer.undone for layer in pair(expand(net), net) if layer.word == "maxpool"]
    [False, True, False]
    """
    waiting: list[Plain] = []
    paired = _pair_row(items, net, waiting)
    _require_none(waiting, net)
    return paired


def _pair_row(items: Expanded, net: Net, waiting: list[Plain]) -> Expanded:
    return tuple(reversed([_pair_part(item, net, waiting) for item in reversed(items)]))


def _pair_part(item: Part, net: Net, waiting: list[Plain]) -> Part:
    """Pair what stands in a part; `waiting` are the unpools behind it that still lack their pool."""
    if isinstance(item, Piece):
        return replace(item, items=_pair_row(item.items, net, waiting))
    if isinstance(item, Branches):
        inner: list[Plain] = [] if item.word == "aux" else waiting
        branches = tuple(reversed([_pair_row(branch, net, inner) for branch in reversed(item.branches)]))
        if item.word == "aux":
            _require_none(inner, net)
        return replace(item, branches=branches)
    if item.word == "unpool":
        waiting.append(item)
    elif item.word == "maxpool" and waiting:
        waiting.pop()
        return replace(item, undone=True)
    return item


def _require_none(waiting: list[Plain], net: Net) -> None:
    if waiting:
        found = "found an `unpool` without a `maxpool` before it that no other one undoes, needed one"
        raise net.fail(waiting[-1].at, f"{found}. Add it, or use `upsample2`")
