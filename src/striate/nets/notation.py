"""Text -> tree: the grammar (grammar.lark) applied, names told apart, and each mistake said in one message."""

from __future__ import annotations

import functools
import re
from importlib import resources

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from striate.errors import NotationError
from striate.nets.layout import lay_out
from striate.nets.pieces import read_pieces
from striate.nets.reader import Reader
from striate.nets.tree import Net, locate_error

MOST_CHARACTERS = 200_000


def parse(text: str, source: str = "text") -> Net:
    r"""Read a network's text.

    Raises:  NotationError with file, line, column and a caret, for any text that isn't a network.

    >>> str(parse("conv3-8,relu ,maxpool2"))
    'conv3-8\nrelu\nmaxpool2\n'
    >>> parse("conv3-8, [relu")
    Traceback (most recent call last):
    striate.errors.NotationError: text:1:10: this `[` is never closed: found the end of the text, needed `]`. ...
        conv3-8, [relu
                 ^
    """
    if len(text) > MOST_CHARACTERS:
        found = f"found {len(text):,} characters, needed at most {MOST_CHARACTERS:,}"
        raise locate_error(text[:100], source, 0, f"{found}. Is this a network?")
    plain = lay_out(text, source).rstrip()
    if not plain:
        raise locate_error(text, source, 0, "found no layer, needed at least one, such as `conv3-16`. Write one")
    if net := read_pieces(text, plain, source, _parse_plain):
        return net
    try:
        tree = _parse_plain(plain, "net")
    except UnexpectedInput as problem:
        raise _explain(problem, text, plain, source) from None
    return Reader(text, source).read(tree)


def _parse_plain(plain: str, start: str) -> Tree[Token]:
    return _load_grammar().parse(plain, start=start)


@functools.cache
def _load_grammar() -> Lark:
    grammar = resources.files("striate.nets").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, start=["net", "item"], parser="lalr", propagate_positions=True, maybe_placeholders=True)


_SAID = {
    "NAME": "a word",
    "NUMBER": "a number",
    "COMMA": "`,`",
    "_NL": "a line end",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "VBAR": "`|`",
    "EQUAL": "`=`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "TIMES": "`*`",
    "OVER": "`/`",
    "KEY": "an option",
    "COLON": "`:`",
    "DEF": "`def`",
    "INPUT": "`input`",
    "$END": "the end of the text",
    "X": "`x`",
}


def _explain(problem: UnexpectedInput, text: str, plain: str, source: str) -> NotationError:
    """Say what the parser met and what it could have used; `plain` is the text as it was parsed."""
    needed = _list_needed(problem)
    if isinstance(problem, UnexpectedToken) and problem.token.type == "$END":
        found, at, before = "the end of the text", len(plain) - 1, plain
    else:
        at = problem.pos_in_stream or 0
        met = re.match(r"[\w.]+|.", plain[at:], re.DOTALL)
        found = "a line end" if met is None or met[0] == "\n" else f"`{met[0][:40]}`"
        before = plain[:at]
    return locate_error(text, source, at, f"found {found}, needed {needed}. {_suggest_repair(before, found)}")


def _list_needed(problem: UnexpectedInput) -> str:
    accepted = getattr(problem, "accepts", None) or getattr(problem, "allowed", None) or set()
    names = [said for key, said in _SAID.items() if key in accepted]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "something else"


def _suggest_repair(before: str, found: str) -> str:
    """A way out that fits what stands there."""
    if found in ("`,`", "`|`", "`]`", "a line end", "the end of the text") and before.rstrip()[-1:] in (",", "="):
        return "Write a layer here, or take the sign before it away"
    if found.strip("`").isidentifier():
        return "Put `,` between two layers; an option is written `key=value`"
    if found.strip("`").isdecimal():
        return "A size stands right behind its word, channels behind `-`, a stride behind `/`"
    return "Mend this place, or see `striate show lenet5` for an example"
