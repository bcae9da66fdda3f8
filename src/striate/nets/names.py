"""Which names mean something: words, definitions, arguments; and how a word and its size are told apart."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

from lark import Token

from striate.errors import NotationError
from striate.nets.tree import Bracket, Call, Definition, Group, Item, Name, Repeat, Sequence, Value
from striate.nets.vocabulary import BRACKETS, WORDS

Fail = Callable[[int, str], NotationError]
MOST_NESTED = 50  # definitions inside definitions
RESERVED = frozenset({"classes", "input", "def", "x"})


class Scope:
    """The names of one text; `parameters` are those of the definition that is being read."""

    def __init__(self, fail: Fail) -> None:
        """Start with the words alone."""
        self.fail = fail
        self.defined: dict[str, tuple[str, ...]] = {}
        self.parameters: tuple[str, ...] = ()

    def define(self, name: Token, parameters: tuple[str, ...]) -> None:
        """Note a definition; refuse a name that is taken."""
        at = name.start_pos or 0
        if name in self.defined:
            raise self.fail(at, f"`{name}` is defined twice, needed once. Rename or remove one of the two")
        if _is_taken(name):
            raise self.fail(at, f"`{name}` is a word of the notation and can't be defined anew. Choose another name")
        self.defined[str(name)] = parameters

    def check_parameter(self, name: Token, all_of_them: tuple[Token, ...]) -> None:
        """Refuse an argument's name that is taken, or stands twice."""
        at = name.start_pos or 0
        if all_of_them.count(name) > 1:
            raise self.fail(at, f"the argument `{name}` stands twice, needed once. Rename one of the two")
        if _is_taken(name):
            raise self.fail(at, f"`{name}` is a word of the notation, not a name for an argument. Choose another name")

    def check_call(self, name: Token, arguments: tuple[Value, ...]) -> None:
        """Refuse the wrong number of arguments."""
        parameters = self.defined[name]
        if len(arguments) != len(parameters):
            needed = f"{len(parameters)} ({', '.join(parameters)})" if parameters else "none"
            raise self.fail(name.start_pos or 0, f"`{name}` got {len(arguments)} arguments, needed {needed}. Give as many")

    def check_bracket(self, word: Token) -> None:
        """Refuse a bracket behind a word that has no branches."""
        if word not in BRACKETS:
            wanted = ", ".join(f"`{known}`" for known in sorted(BRACKETS))
            raise self.fail(word.start_pos or 0, f"found `{word}[`, needed one of {wanted} before `[`. {_suggest(word, BRACKETS)}")

    def split_head(self, head: Token, *, has_size: bool) -> tuple[str, tuple[Value, ...]]:
        """Tell the word from the size that stands right behind it: `conv3x5` is conv of (3, 5).

        Raises:  NotationError if no word of the notation begins the name.
        """
        at = head.start_pos or 0
        for word in sorted((word for word in WORDS if head.startswith(word)), key=len, reverse=True):
            rest = head[len(word) :]
            if word in BRACKETS:
                continue
            if not rest:
                return word, ()
            sizes = rest.removesuffix("x") if has_size else rest
            if re.fullmatch(r"\d+(x\d+)*", sizes):
                return word, tuple(map(int, sizes.split("x")))
            if rest in self.parameters:
                return word, (Name(rest, at + len(word)),)
        if head in BRACKETS:
            raise self.fail(at, f"`{head}` needs its branches: `{head}[a | b]`. Add them")
        if head == "input":
            raise self.fail(at, "found `input`, needed a shape behind it, such as `input 3x32x32`. Add it")
        known = {*WORDS, *self.defined} - BRACKETS
        raise self.fail(at, f"unknown word `{head}`, needed a layer or a definition. {_suggest(head, known)}")


def _suggest(name: str, known: set[str] | frozenset[str]) -> str:
    """The nearest known word, with what stands behind it kept."""
    letters = re.match(r"[A-Za-z_]+", name)
    stem = letters[0].lower() if letters else name
    near = difflib.get_close_matches(stem, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{near[0]}{name[len(stem) :]}`?"
    return f"The layers are: {', '.join(sorted(known))}"


def _is_taken(name: str) -> bool:
    stem = re.sub(r"\d+(x\d+)*$", "", name)
    return name in RESERVED or name in WORDS or stem in WORDS


def check_definitions(definitions: tuple[Definition, ...], fail: Fail) -> None:
    """Refuse a definition that uses itself, straight or by way of others."""
    uses = {definition.name: {call.name: call for call in _find_calls(definition.items)} for definition in definitions}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        for used, call in uses[name].items():
            if len(trail) >= MOST_NESTED:
                raise fail(call.at, f"definitions use each other more than {MOST_NESTED} deep. Use fewer steps")
            if used in (*trail, name):
                start = (*trail, name).index(used)
                way = " -> ".join([*(*trail, name)[start:], used])
                raise fail(call.at, f"`{used}` is defined by itself ({way}), needed without. Take the call out of it")
            if used not in done:
                visit(used, (*trail, name))
        done.add(name)

    for name in uses:
        if name not in done:
            visit(name, ())


def _find_calls(items: Sequence) -> Iterator[Call]:
    """Every call below these items."""
    waiting: list[Item] = list(items)
    while waiting:
        item = waiting.pop()
        if isinstance(item, Call):
            yield item
        elif isinstance(item, Repeat):
            waiting.append(item.item)
        elif isinstance(item, Group):
            waiting.extend(item.items)
        elif isinstance(item, Bracket):
            waiting.extend(part for branch in item.branches for part in branch)
