"""A text read piece by piece: what stands there several times, or stood there in an earlier text, is parsed once.

An editor reads a long text anew at every keystroke. Where the grammar doesn't hold, `read_pieces` gives up, and the
whole text is parsed at once, which says what was needed there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

from lark import Token, Tree, UnexpectedInput

from striate.errors import NotationError
from striate.nets.nesting import check_nesting
from striate.nets.reader import Reader
from striate.nets.tree import Binary, Bracket, Call, Group, Item, Layer, Name, Net, Option, Repeat, Value

Parse: TypeAlias = "Callable[[str, str], Tree[Token]]"
Defined: TypeAlias = "tuple[tuple[str, tuple[str, ...]], ...]"
MOST_PIECES = 4_096  # remembered
_HEAD = re.compile(r"[ \t\r]*(def|input)(?![A-Za-z0-9_=])")
_SIGN = re.compile(r"[,\n\[\]()]")


def read_pieces(text: str, plain: str, source: str, parse: Parse) -> Net | None:
    """Read a text of which `plain` is what its layout left; None where only the whole can tell what is the matter.

    `parse` reads plain text from a start of the grammar, `net` or `item`.

    Raises:  NotationError at the first name or number of the body that isn't right.
    """
    heads, pieces = _split(plain)
    if not pieces:
        return None
    reader = Reader(text, source)
    try:
        shape, definitions, _ = reader.read_statements(parse(heads, "net"))
        defined = tuple(reader.scope.defined.items())
        found = [(at, piece, _read_piece(piece, defined, parse)) for at, piece in pieces]
    except (NotationError, UnexpectedInput):
        return None
    for at, piece, item in found:
        if isinstance(item, NotationError):
            raise reader.fail(at + _find_offset(piece, item), item.problem)
    items = [(at, item) for at, _, item in found if not isinstance(item, NotationError)]
    try:
        check_nesting(definitions, tuple(item for _, item in items), reader.fail)  # before anything walks down into it
    except NotationError:
        return None
    return Net(shape, definitions, tuple(_move(item, at) for at, item in items), source, text)


def _split(plain: str) -> tuple[str, list[tuple[int, str]]]:
    """The definitions and the input line where they stand, all else blanked out; the body's items by their offsets."""
    heads: list[str] = []
    pieces: list[tuple[int, str]] = []
    end = 0
    for start, *stops in _list_statements(plain):
        if head := _HEAD.match(plain, start):
            if head[1] == "input" and (heads or pieces):
                return "", []
            heads += ["\n" if heads else "", " " * (start - end - bool(heads)), plain[start : stops[-1]]]
            end = stops[-1]
            continue
        for stop in stops:
            pieces.append((start, plain[start:stop]))
            start = stop + 1
    return "".join(heads), pieces


def _list_statements(plain: str) -> Iterator[list[int]]:
    """Where each statement starts, and where each of its items stops: outside every bracket."""
    depth, found = 0, [0]
    for sign in _SIGN.finditer(plain):
        if sign[0] in "[(":
            depth += 1
        elif sign[0] in "])":
            depth -= 1
        elif not depth:
            found.append(sign.start())
            if sign[0] == "\n":
                yield found
                found = [sign.end()]
    yield [*found, len(plain)]


@lru_cache(maxsize=MOST_PIECES)
def _read_piece(piece: str, defined: Defined, parse: Parse) -> Item | NotationError:
    """Read one item; what is wrong with a name or a number in it is told, what the grammar lacks is raised."""
    reader = Reader(piece, "text")
    reader.scope.defined.update(defined)
    tree = parse(piece, "item")
    try:
        return reader.read_item(tree)
    except NotationError as problem:
        return problem.with_traceback(None)


def _find_offset(text: str, problem: NotationError) -> int:
    return sum(len(line) + 1 for line in text.split("\n")[: problem.line - 1]) + problem.column - 1


def _move(item: Item, by: int) -> Item:
    """The same item further on in the text."""
    at = item.at + by
    if isinstance(item, Layer):
        channels = None if item.channels is None else _move_value(item.channels, by)
        size, stride = (tuple(_move_value(value, by) for value in values) for values in (item.size, item.stride))
        return Layer(item.word, size, channels, stride, _move_options(item.options, by), at, item.end + by, item.name)
    if isinstance(item, Call):
        return Call(item.name, tuple(_move_value(value, by) for value in item.arguments), at)
    if isinstance(item, Repeat):
        return Repeat(_move(item.item, by), _move_value(item.count, by), at)
    if isinstance(item, Group):
        return Group(tuple(_move(inner, by) for inner in item.items), at)
    branches = tuple(tuple(_move(inner, by) for inner in branch) for branch in item.branches)
    return Bracket(item.word, branches, _move_options(item.options, by), at)


def _move_options(options: tuple[Option, ...], by: int) -> tuple[Option, ...]:
    return tuple(
        Option(each.key, tuple(_move_part(part, by) for part in each.setting), each.at + by) for each in options
    )


def _move_part(part: Value | tuple[Value, Value], by: int) -> Value | tuple[Value, Value]:
    return (_move_value(part[0], by), _move_value(part[1], by)) if isinstance(part, tuple) else _move_value(part, by)


def _move_value(value: Value, by: int) -> Value:
    if isinstance(value, Name):
        return Name(value.name, value.at + by)
    if isinstance(value, Binary):
        return Binary(value.operator, _move_value(value.left, by), _move_value(value.right, by), value.at + by)
    return value
