from __future__ import annotations

import pytest

from striate.errors import NotationError
from striate.nets.tree import (
    Binary,
    Bracket,
    Call,
    Definition,
    Group,
    Layer,
    Name,
    Net,
    Option,
    Repeat,
    locate_error,
)


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Layer("conv", (3, 5), 64, (2,)), "conv3x5-64/2"),
        (Layer("conv", (Name("k"), 3), Name("n"), (Name("s"), 1)), "conv(k)x3-n/(s)x1"),
        (Layer("conv", (3,), 8, (Name("s"),)), "conv3-8/s"),
        (Layer("conv", (2.5,)), "conv(2.5)"),
        (Layer("fc", (), Binary("*", 4, Name("n"))), "fc-(4*n)"),
        (Option("pad", ((1, 2), Name("causal"), Name("n"))), "pad=1:2xcausalx(n)"),
        (Option("pad", ((Name("a"), Name("b")),)), "pad=a:b"),
        (Option("p", (-0.5,)), "p=-0.5"),
        (Call("block", (1, Binary("+", 1, 2))), "block(1, (1+2))"),
        (Call("block"), "block"),
        (Bracket("add", ((Layer("relu"),), ()), (Option("w", (1,)),)), "add[relu | ] w=1"),
        (Repeat(Group((Layer("relu"), Layer("bn"))), Name("k")), "[relu, bn]*k"),
        (Repeat(Repeat(Layer("relu"), 2), 3), "relu*2*3"),
        (Definition("f", ("a", "b"), (Layer("relu"),)), "def f(a, b) = relu"),
    ],
)
def test_each_node_writes_itself(node: object, text: str) -> None:
    assert str(node) == text


def test_place_takes_no_part_in_equality() -> None:
    assert Layer("relu", at=3) == Layer("relu", at=9)
    assert Net(None, (), (Layer("relu"),), "a.net", "relu") == Net(
        None, (), (Layer("relu", at=4),), "b.net", "    relu"
    )
    assert Layer("relu") != Layer("relu6")


def test_net_writes_one_item_a_line() -> None:
    net = Net((3, 8, 8), (Definition("f", (), (Layer("relu"),)),), (Call("f"), Layer("bn")))
    assert str(net) == "input 3x8x8\ndef f = relu\nf\nbn\n"


def test_the_caret_stands_under_the_place() -> None:
    text = "relu\n\tbn, oops  \nrelu"
    error = locate_error(text, "a.net", text.index("oops"), "found a slip")
    assert isinstance(error, NotationError)
    assert (error.source, error.line, error.column, error.problem) == ("a.net", 2, 6, "found a slip")
    first, shown, caret = str(error).splitlines()
    assert first == "a.net:2:6: found a slip"
    assert shown[caret.index("^") :] == "oops"


@pytest.mark.parametrize("before", [0, 30, 59, 60, 61, 500])
def test_a_long_line_is_cut_around_the_place(before: int) -> None:
    text = "a" * before + "!" + "b" * 500
    _, shown, caret = str(locate_error(text, "text", before, "found `!`")).splitlines()
    assert shown[caret.index("^")] == "!"
    assert len(shown) < 125


def test_an_empty_line_is_not_shown() -> None:
    assert str(locate_error("", "text", 0, "found nothing")) == "text:1:1: found nothing"
