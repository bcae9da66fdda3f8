from __future__ import annotations

import re

import pytest

from striate.errors import NotationError
from striate.nets import parse
from striate.nets.tree import Binary, Bracket, Call, Group, Item, Layer, Name, Option, Repeat


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("conv3x5-64/1x2", Layer("conv", (3, 5), 64, (1, 2))),
        ("conv3x(1+2)x(n)-8", Layer("conv", (3, Binary("+", 1, 2), Name("n")), 8)),
        ("fc-classes", Layer("fc", (), Name("classes"))),
        ("conv3-8 pad=1:2xcausalx0", Layer("conv", (3,), 8, (), (Option("pad", ((1, 2), Name("causal"), 0)),))),
        ("bn eps=1e-3 momentum=0.2", Layer("bn", options=(Option("eps", (0.001,)), Option("momentum", (0.2,))))),
        ("relu6*3", Repeat(Layer("relu6"), 3)),
        ("[relu\nbn]*k", Repeat(Group((Layer("relu"), Layer("bn"))), Name("k"))),
        ("cat[ | relu | ]", Bracket("cat", ((), (Layer("relu"),), ()))),
        ("aux[fc-10] weight=0.3", Bracket("aux", ((Layer("fc", (), 10),),), (Option("weight", (0.3,)),))),
        ("fc-(10-4/2*3)", Layer("fc", (), Binary("-", 10, Binary("*", Binary("/", 4, 2), 3)))),
        ("fc-(-3)", Layer("fc", (), Binary("-", 0, 3))),
        ("maxpool3/2", Layer("maxpool", (3,), None, (2,))),
    ],
)
def test_what_is_read(text: str, item: Item) -> None:
    assert parse(text).body == (item,)


def test_calls_are_told_from_layers() -> None:
    net = parse("def wide(n) = conv3-n\ndef deep = relu\nwide(64), deep, deep()")
    assert net.body == (Call("wide", (64,)), Call("deep"), Call("deep"))


def test_offsets_point_into_the_text() -> None:
    text = "# first\ndef f = relu  # second\nconv3-8,\n  add[f | bn]*2"
    net = parse(text)
    conv, repeat = net.body
    assert text[conv.at :].startswith("conv3-8")
    assert text[repeat.at :].startswith("*2")
    assert isinstance(repeat, Repeat)
    assert isinstance(repeat.item, Bracket)
    assert text[repeat.item.at :].startswith("add[")
    assert [text[branch[0].at :][:2] for branch in repeat.item.branches] == ["f ", "bn"]


# `§` stands before the place that the error must point at.
WRONG = [
    ("relu, §input", "needed a shape behind it"),
    ("relu\n§input 3x8x8", "at the top"),
    ("input 3x8x8\n§input 3x8x8\nrelu", "at the top"),
    ("input 3x§0x8\nrelu", "found 0"),
    ("input §1.5\nrelu", "found 1.5"),
    ("§input 1" + "x1" * 17 + "\nrelu", "17 axes"),
    ("def f = relu\ndef §f = bn\nf", "defined twice"),
    ("def §conv = relu\nbn", "`conv` is a word"),
    ("def §conv3 = relu\nbn", "`conv3` is a word"),
    ("def §tap = relu\nbn", "`tap` is a word"),
    ("def §classes = relu\nbn", "`classes` is a word"),
    ("def f(n, §n) = fc-n\nf(1, 2)", "stands twice"),
    ("def f(§relu) = bn\nf(1)", "`relu` is a word"),
    ("def f(§classes) = bn\nf(1)", "`classes` is a word"),
    ("def f(n) = fc-n\nbn, §f", "got 0 arguments, needed 1 (n)"),
    ("def f(n) = fc-n\n§f(1, 2)", "got 2 arguments, needed 1 (n)"),
    ("def f = bn\n§f(1)", "got 1 arguments, needed none"),
    ("def f = bn\nf§-8", "more than arguments"),
    ("def f = bn\nf §pad=1", "more than arguments"),
    ("def f = bn\n§f3", "unknown word `f3`"),
    ("def f = §f\nf", "f -> f"),
    ("def a = b\ndef b = [c]*2\ndef c = add[§a | ]\na", "a -> b -> c -> a"),
    ("relu, §rellu", "Did you mean `relu`"),
    ("relu\n §Conv3-64", "Did you mean `conv3`"),
    ("§add", "`add[a | b]`"),
    ("relu, §gap[relu]", "before `[`"),
    ("§caat[relu | ]", "Did you mean `cat`"),
    ("§conv-64", "`conv` has no size"),
    ("§conv3", "`conv` has no channels"),
    ("§fc", "`fc` has no channels"),
    ("§fc3-10", "size in `fc3-10`"),
    ("§relu/2", "stride in `relu/2`"),
    ("§bn-64", "channels in `bn-64`"),
    ("§relu(3)", "size in `relu3`"),
    ("§conv(3, 5)-8", "2 sizes"),
    ("§conv()-8", "0 sizes"),
    ("§conv3(5)-8", "unknown word"),
    ("conv3-8 §dilatoin=2", "Did you mean `dilation=`"),
    ("relu §p=1", "no option"),
    ("conv3-8 pad=1 §pad=2", "stands twice"),
    ("[relu] §pad=1", "behind `[...]`"),
    ("conv3-§" + "9" * 19, "19 digits"),
    ("§conv" + "9" * 5000 + "-1", "5000 digits"),
    ("dropout p=§1e999", "found 1e999"),
    ("input 3x§" + "9" * 5000 + "\nrelu", "5000 digits"),
    ("conv3-(§" + "+".join("1" * 99) + ")", "expression of more than"),
    ("def f = bn # no body§", "found no layer"),
]


@pytest.mark.parametrize(("marked", "found"), WRONG)
def test_wrong_texts(marked: str, found: str) -> None:
    text, at = marked.replace("§", ""), marked.index("§")
    if marked.endswith("§"):
        at = len(text) - 1
    with pytest.raises(NotationError) as caught:
        parse(text)
    error = caught.value
    assert found in error.problem
    assert "needed" in error.problem
    assert re.search(r"\. [A-Z`].*", error.problem), "no way out"
    assert (error.line, error.column) == (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    message, shown, caret = str(error).split("\n")
    assert message == f"text:{error.line}:{error.column}: {error.problem}"
    assert shown[caret.index("^")] == text[at]


@pytest.mark.parametrize(
    "text",
    [
        "def block = relu\nblock",
        "def full = relu\nfull",
        "def conv_block = relu\nconv_block",
        "def f(xs) = fc-xs\nf(1)",
    ],
)
def test_free_names(text: str) -> None:
    assert parse(text).definitions
