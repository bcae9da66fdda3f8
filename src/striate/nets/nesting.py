"""How deep a text nests: definitions inside definitions, brackets inside brackets. No definition holds itself.

A network is walked by recursion later (expanded, built, run, copied), so that its depth is bounded here, once, without
recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from striate.errors import NotationError
from striate.nets.tree import Bracket, Call, Definition, Group, Item, Repeat, Sequence

Fail = Callable[[int, str], NotationError]
MOST_DEPTH = 50  # torch copies and runs a module of this depth well inside the interpreter's stack


def check_nesting(definitions: tuple[Definition, ...], body: Sequence, fail: Fail) -> None:
    """Refuse a definition that uses itself, straight or by way of others, and a text that nests too deep.

    Raises:  NotationError at the call or the item that goes too far.
    """
    pieces = {definition.name: definition.items for definition in definitions}
    depths: dict[str, int] = {}
    for name in pieces:
        _measure_definition(name, (), pieces, depths, fail)
    _measure(body, depths, fail)


def _measure_definition(
    name: str, trail: tuple[str, ...], pieces: dict[str, Sequence], depths: dict[str, int], fail: Fail
) -> None:
    """Note the depth of this definition and of all that it uses; `trail` are the definitions around it."""
    if name in depths:
        return
    for item, _ in _walk(pieces[name]):
        if not isinstance(item, Call):
            continue
        if item.name in (*trail, name):
            start = (*trail, name).index(item.name)
            way = " -> ".join([*(*trail, name)[start:], item.name])
            raise fail(item.at, f"`{item.name}` is defined by itself ({way}), needed without. Take the call out of it")
        if len(trail) >= MOST_DEPTH:
            raise _refuse(item, fail)
        _measure_definition(item.name, (*trail, name), pieces, depths, fail)
    depths[name] = _measure(pieces[name], depths, fail)


def _measure(items: Sequence, depths: dict[str, int], fail: Fail) -> int:
    """How many brackets, repetitions and definitions stand inside each other here."""
    most = 0
    for item, depth in _walk(items):
        most = max(most, depth + (1 + depths[item.name] if isinstance(item, Call) else 0))
        if most > MOST_DEPTH:
            raise _refuse(item, fail)
    return most


def _refuse(item: Item, fail: Fail) -> NotationError:
    found = f"brackets, repetitions and definitions stand more than {MOST_DEPTH} deep inside each other here"
    return fail(item.at, f"{found}, needed at most as many. Use fewer steps")


def _walk(items: Sequence) -> Iterator[tuple[Item, int]]:
    """Every item at or below these, with the number of brackets and repetitions around it, in the order of the text."""
    waiting: list[tuple[Item, int]] = [(item, 0) for item in reversed(items)]
    while waiting:
        item, depth = waiting.pop()
        yield item, depth
        waiting += [(inner, depth + 1) for inner in reversed(_list_inner(item))]


def _list_inner(item: Item) -> Sequence:
    if isinstance(item, Repeat):
        return (item.item,)
    if isinstance(item, Group):
        return item.items
    return tuple(part for branch in item.branches for part in branch) if isinstance(item, Bracket) else ()
