"""Text -> tree: the grammar (grammar.lark) applied, names told apart, and each mistake said in one message."""

from __future__ import annotations

import functools
import re
from importlib import resources

from lark import Lark, UnexpectedInput, UnexpectedToken

from striate.errors import NotationError
from striate.nets.layout import lay_out
from striate.nets.reader import Reader
from striate.nets.tree import Net, locate_error

MOST_CHARACTERS = 200_000


def parse(text: str, source: str = "text") -> Net:
    """Read a network's text.

    Raises:  NotationError with file, line, column and a caret, for any text that isn't a network.

    >>> str(parse("conv3-8,relu ,maxpool2"))
    'conv3-8\\nrelu\\nmaxpool2\\n'
    >>> parse("conv3-8, [relu")
    Traceback (most recent call last):
    striate.errors.NotationError: text:1:10: this `[` is never closed: found the end of the text, needed `]`. ...
        conv3-8, [relu
                 ^
    """
    if len(text) > MOST_CHARACTERS:
        raise locate_error(
            text[:100], source, 0, f"found {len(text):,} characters, needed at most {MOST_CHARACTERS:,}. Is this a network?"
        )
    plain = lay_out(text, source)
    if not plain.strip():
        raise locate_error(text, source, 0, "found no layer, needed at least one, such as `conv3-16`. Write one")
    try:
        tree = _load_grammar().parse(plain.rstrip())
    except UnexpectedInput as problem:
        raise _explain(problem, text, source) from None
    return Reader(text, source).read(tree)


@functools.cache
def _load_grammar() -> Lark:
    grammar = resources.files("striate.nets").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, start="net", parser="lalr", propagate_positions=True, maybe_placeholders=True)


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


def _explain(problem: UnexpectedInput, text: str, source: str) -> NotationError:
    """Say what the parser met and what it could have used."""
    at = problem.pos_in_stream if problem.pos_in_stream is not None and problem.pos_in_stream >= 0 else len(text.rstrip())
    expected = problem.accepts if isinstance(problem, UnexpectedToken) and problem.accepts else getattr(problem, "allowed", None)
    expected = expected or getattr(problem, "expected", None) or set()
    names = [said for key, said in _SAID.items() if key in expected]
    needed = " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "something else"
    ended = isinstance(problem, UnexpectedToken) and problem.token.type == "$END"
    if ended:
        found, at = "the end of the text", max(0, len(text.rstrip()) - 1)
    else:
        met = re.match(r"[\w.]+|\n|.", text[at:], re.DOTALL)
        found = "a line end" if met and met[0] == "\n" else f"`{met[0] if met else ''}`"
    return locate_error(text, source, at, f"found {found}, needed {needed}. {_suggest_repair(text, at, found)}")


def _suggest_repair(text: str, at: int, found: str) -> str:
    """A way out that fits what stands there."""
    before = text[:at].rstrip()[-1:]
    if found in ("`,`", "`|`", "a line end", "the end of the text") and before in ",=":
        return "Write a layer here, or take the sign before it away"
    if found.strip("`").isidentifier():
        return "Put `,` between two layers; an option is written `key=value`"
    if found.strip("`").isdecimal():
        return "A size stands right behind its word, channels behind `-`, a stride behind `/`"
    return "Take it away, or see `striate show lenet5` for an example"
