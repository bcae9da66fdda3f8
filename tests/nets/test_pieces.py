"""A text read piece by piece is the text read at once, offsets and all; what is wrong is left to the whole parse."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import UnexpectedInput

from striate.errors import NotationError
from striate.nets import find_net, list_zoo, notation, pieces
from striate.nets.layout import lay_out
from striate.nets.reader import Reader
from striate.nets.tree import Net

ODD = [
    "",
    "relu,",
    ", relu",
    "relu\ninput 3x8x8",
    "def f = relu\ninput 3x8x8\nf",
    "relu\ndef f = relu\nf",
    "def f(n) = conv3-n\nf(8)*2, [f(4), relu]*3\n\n  f(2)\nf(1, 2)",
    "def f = f\nf",
    "def = relu",
    "relu, def f = relu",
    "relu def=3",
    "conv3-(2*(4+1))/2x(1) pad=1:2xsame, [relu\nbn]*2\nadd[ | relu, bn]*2, aux[fc-3] weight=0.3\ntimm:resnet18",
    "[[relu]",
    "relu\n\n\n  ",
    "conv3-8*0",
    "relu relu",
    "input 3x8x8",
    "input",
    "x",
]


def read_at_once(text: str) -> Net:
    return Reader(text, "text").read(notation._parse_plain(lay_out(text).rstrip(), "net"))


def read_by_pieces(text: str) -> Net | None:
    return pieces.read_pieces(text, lay_out(text).rstrip(), "text", notation._parse_plain)


def judge(read: Callable[[str], Net | None], text: str) -> str | None:
    """The net, offsets and all (`repr` shows them, equality leaves them out), or the whole message of its error."""
    try:
        return repr(found) if (found := read(text)) is not None else None
    except NotationError as problem:
        return f"{problem.problem} {problem}"
    except UnexpectedInput:
        return None


def check(text: str) -> None:
    """Where the pieces say nothing, the whole text is parsed, and is wrong somewhere."""
    wanted, found = judge(read_at_once, text), judge(read_by_pieces, text)
    assert found == wanted or found is None
    if wanted is not None and wanted.startswith("Net("):
        assert found == wanted


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_any_network_reads_the_same(grow_net: Callable[[int], Net], seed: int) -> None:
    net, random = grow_net(seed), Random(seed)
    lines = [line + random.choice(("", "  # a, b [ |", "\n\n")) for line in str(net).splitlines()]
    text = "\n".join(["# begins", *lines])
    assert repr(read_by_pieces(text)) == repr(read_at_once(text))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_text_with_a_hole_in_it_is_judged_the_same(grow_net: Callable[[int], Net], seed: int) -> None:
    text, random = str(grow_net(seed)), Random(seed)
    start = random.randrange(len(text))
    check(text[:start] + random.choice(("", ",", "[", "def ", "input 3 ", "zz")) + text[start + random.randrange(4) :])


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text: str) -> None:
    check(text)


@pytest.mark.parametrize("name", list_zoo())
def test_the_zoo(name: str) -> None:
    check(find_net(name).text)


def test_a_wrong_word_is_told_without_parsing_the_whole() -> None:
    text = "input 3x8x8\nrelu, [conv3-8,\n  relo]*2, bn"
    assert judge(read_by_pieces, text) == judge(read_at_once, text)
    with pytest.raises(NotationError, match="text:3:3: unknown word `relo`"):
        read_by_pieces(text)


def test_a_piece_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    whole = notation._parse_plain

    def parse(plain: str, start: str) -> object:
        asked.append(start)
        return whole(plain, start)

    text = "input 3x8x8\n" + "conv3-8 pad=1, bn, relu\n" * 50
    for _ in range(2):
        net = pieces.read_pieces(text, lay_out(text).rstrip(), "text", parse)  # type: ignore[arg-type]
        assert net is not None
        assert len(net.body) == 150
    assert asked.count("item") == len(set(re.findall(r"[^,\n]+", text))) - 1 == 3
    assert asked.count("net") == 2
