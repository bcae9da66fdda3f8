"""The order of a state dict whose file lost it, found again from its names and shapes.

safetensors sorts its entries. But torch lists a module's own tensors first and then each child whole, so the names are
a tree, and only the order of the children within each node is unknown: `conv1` or `bn1` first? Numbers say most of it
(`conv1` before `conv2`), the shapes that are wanted say the rest. An order counts only if it is the only one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Shape: TypeAlias = "tuple[int, ...]"
Entry: TypeAlias = "tuple[str, Shape]"  # a tensor's full name and its shape
MOST_STEPS = 100_000


@dataclass(eq=False)
class _Node:
    """A tensor (with its name), or a module: its children by their part of the name."""

    children: dict[str, _Node] = field(default_factory=dict)
    name: str | None = None


class _Search(NamedTuple):
    """Where one attempt stands: the open modules, what is left of each, and what it has decided so far."""

    open: Any  # (depth, what is left, the module around), or None
    rules: Mapping[tuple[int, str, str], bool]  # (depth, a, b): a comes before b, as it did in another module
    taken: Any  # (name, those before), or None
    placed: int = 0


def find_order(wanted: Sequence[Entry], found: Mapping[str, Shape]) -> tuple[list[str], bool]:
    """The names of `found` in the one order that has the wanted shapes; False if there is none or more than one.

    Where there is none, the names are in the order that goes furthest, then as they come.
    Cost:    a few steps per entry; at most 100,000.

    >>> find_order([("a.weight", (8, 1)), ("a.bias", (8,))], {"fc.bias": (8,), "fc.weight": (8, 1)})
    (['fc.weight', 'fc.bias'], True)
    """
    known = {_find_leaf(name) for name, _ in wanted} & {_find_leaf(name) for name in found}
    needed = [(_find_leaf(name) if _find_leaf(name) in known else "", shape) for name, shape in wanted]
    given = {name: (_find_leaf(name) if _find_leaf(name) in known else "", found[name]) for name in found}
    whole: list[list[str]] = []
    furthest = start = _Search((0, _grow(found).children, None), {}, None)
    attempts = [start]
    for _ in range(MOST_STEPS):
        if not attempts or len(whole) == 2:
            break
        search = attempts.pop()
        furthest = max(furthest, search, key=lambda each: each.placed)
        if search.open is None:
            whole += [_list_taken(search)] * (search.placed == len(needed))
        else:
            attempts += reversed(list(_go_on(search, needed, given)))
    best = whole[0] if whole else _list_taken(furthest)
    rest = set(found) - set(best)
    return best + [name for name in found if name in rest], len(whole) == 1 and not attempts


def _grow(names: Mapping[str, Shape]) -> _Node:
    root = _Node()
    for name in names:
        node = root
        for part in name.split("."):
            node = node.children.setdefault(part, _Node())
        node.name = name
    return root


def _go_on(
    search: _Search, needed: Sequence[tuple[str, Shape]], given: Mapping[str, tuple[str, Shape]]
) -> Iterator[_Search]:
    """Every next step: close the module that is empty, take a tensor that fits, or open a module."""
    depth, left, around = search.open
    if not left:
        yield search._replace(open=around)
        return
    for part in _list_heads(left):
        rules = _decide(search.rules, depth, part, left)
        if rules is None:
            continue
        node, rest = left[part], (depth, {other: left[other] for other in left if other != part}, around)
        if node.name is None:
            yield _Search((depth + 1, node.children, rest), rules, search.taken, search.placed)
        elif search.placed < len(needed) and given[node.name] == needed[search.placed]:
            yield _Search(rest, rules, (node.name, search.taken), search.placed + 1)


def _list_heads(left: Mapping[str, _Node]) -> list[str]:
    """What may come next: of each family the lowest number, and a module's own tensors before its children."""
    own = [part for part in left if left[part].name is not None]
    heads: dict[str, str] = {}
    for part in sorted(own or left, key=_split_numbers):
        heads.setdefault(_find_family(part), part)
    return list(heads.values())


def _decide(
    rules: Mapping[tuple[int, str, str], bool], depth: int, part: str, left: Mapping[str, _Node]
) -> Mapping[tuple[int, str, str], bool] | None:
    """The rules with this part before all that is left beside it; None if that breaks one.

    Modules of one depth with parts of the same names are taken to be of one class, and so of one order.
    """
    family = _find_family(part)
    others = [other for other in left if _find_family(other) != family]
    if any((depth, other, part) in rules for other in others):
        return None
    new = {(depth, part, other): True for other in others if (depth, part, other) not in rules}
    return {**rules, **new} if new else rules


def _find_family(part: str) -> str:
    """`conv1` and `conv12` are of one family, and so are `inception3a` and `inception4b`."""
    return re.sub(r"\d+([a-z]$)?", "#", part)


def _split_numbers(part: str) -> list[tuple[int, str]]:
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", part)]


def _find_leaf(name: str) -> str:
    return name.rpartition(".")[2]


def _list_taken(search: _Search) -> list[str]:
    names, taken = [], search.taken
    while taken is not None:
        names.append(taken[0])
        taken = taken[1]
    return names[::-1]
