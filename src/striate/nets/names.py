"""Which names mean something: words, definitions, arguments; and how a word and its size are told apart."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

from lark import Token

from striate.errors import NotationError
from striate.nets.tree import Name, Value
from striate.nets.vocabulary import BRACKETS, WORDS

Fail = Callable[[int, str], NotationError]
MOST_DIGITS = 18  # of a whole number: less than 2^63
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
            raise self.fail(at, f"`{name}` is a word of the notation, needed a name that is free. Choose another")
        self.defined[str(name)] = parameters

    def check_parameter(self, name: Token, all_of_them: tuple[Token, ...]) -> None:
        """Refuse an argument's name that is taken, or stands twice."""
        at = name.start_pos or 0
        if all_of_them.count(name) > 1:
            at = max(other.start_pos or 0 for other in all_of_them if other == name)
            raise self.fail(at, f"the argument `{name}` stands twice, needed once. Rename one of the two")
        if _is_taken(name):
            raise self.fail(at, f"`{name}` is a word of the notation, needed a name that is free. Choose another")

    def check_call(self, name: Token, arguments: tuple[Value, ...]) -> None:
        """Refuse the wrong number of arguments."""
        parameters = self.defined[name]
        if len(arguments) != len(parameters):
            needed = f"{len(parameters)} ({', '.join(parameters)})" if parameters else "none"
            raise self.fail(
                name.start_pos or 0, f"`{name}` got {len(arguments)} arguments, needed {needed}. Give as many"
            )

    def check_bracket(self, word: Token) -> None:
        """Refuse a bracket behind a word that has no branches."""
        if word not in BRACKETS:
            wanted = ", ".join(f"`{known}`" for known in sorted(BRACKETS))
            found = f"found `{word}[`, needed one of {wanted} before `[`"
            raise self.fail(word.start_pos or 0, f"{found}. {_suggest(word, set(BRACKETS))}")

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
            if re.fullmatch(r"(\d+x)+" if has_size else r"\d+(x\d+)*", rest):
                return word, tuple(self.read_whole(size, at) for size in rest.removesuffix("x").split("x"))
            if rest in self.parameters and not has_size:
                return word, (Name(rest, at + len(word)),)
        if head in BRACKETS:
            raise self.fail(at, f"found `{head}` alone, needed its branches behind it: `{head}[a | b]`. Add them")
        if head == "input":
            raise self.fail(at, "found `input`, needed a shape behind it, such as `input 3x32x32`. Add it")
        known = {*WORDS, *self.defined} - BRACKETS.keys()
        shown = head if len(head) <= 60 else f"{head[:60]}…"
        raise self.fail(at, f"unknown word `{shown}`, needed a layer or a definition. {_suggest(head, known)}")

    def read_whole(self, digits: str, at: int) -> int:
        """The whole number that these digits say; refuse one that no network needs."""
        if len(digits) > MOST_DIGITS:
            raise self.fail(
                at, f"found a number of {len(digits)} digits, needed {MOST_DIGITS} at most. Use a smaller one"
            )
        return int(digits)


def _suggest(name: str, known: set[str] | frozenset[str]) -> str:
    """The nearest known word, with what stands behind it kept."""
    letters = re.match(r"[A-Za-z_]+", name)
    stem = letters[0].lower() if letters else name
    near = difflib.get_close_matches(stem, known, n=1, cutoff=0.6)
    if near and (meant := near[0] + name[len(stem) :]) != name:
        return f"Did you mean `{meant}`?"
    if near:
        return f"Write a size as `{near[0]}3` or `{near[0]}3x(n)`, a definition's arguments as `{near[0]}(n)`"
    return f"The layers are: {', '.join(sorted(known))}"


def _is_taken(name: str) -> bool:
    stem = re.sub(r"\d+(x\d+)*$", "", name)
    return name in RESERVED or name in WORDS or stem in WORDS
