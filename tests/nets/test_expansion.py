from __future__ import annotations

import time
import tracemalloc
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.errors import NotationError
from striate.nets import parse
from striate.nets.expansion import MOST_LAYERS, Branches, Expanded, Piece, expand
from striate.nets.words.word import Plain


def flatten(items: Expanded) -> list[str]:
    """Every layer's text in a row, without what stands around it."""
    rows: list[str] = []
    for item in items:
        if isinstance(item, Plain):
            rows.append(str(item))
        elif isinstance(item, Piece):
            rows += flatten(item.items)
        else:
            rows += [text for branch in item.branches for text in flatten(branch)]
    return rows


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("relu*0, bn", ["bn"]),
        ("[relu, bn]*2*2", ["relu", "bn"] * 4),
        ("def f(n) = conv3-n, relu\nf(8), f(2*8)", ["conv3-8", "relu", "conv3-16", "relu"]),
        ("def f(k, n) = convk-n/k\ndef g(n) = f(3, n), f(5, (n/2))\ng(8)", ["conv3-8/3", "conv5-4/5"]),
        ("def f(n) = relu*n\nf(3)", ["relu"] * 3),
        ("add[relu | bn*2]", ["relu", "bn", "bn"]),
        ("fc-(2*classes+1)", ["fc-21"]),
        ("def f = fc-classes\nf", ["fc-10"]),
        ("conv3-(7-3-2)", ["conv3-2"]),
        ("conv3-(12/3/2)", ["conv3-2"]),
        ("conv3-8 pad=1:2xcausal dilation=(1+1)", ["conv3-8 pad=1:2xcausal dilation=2"]),
        ("def f(p) = conv3-8 pad=p\nf(2)", ["conv3-8 pad=2"]),
        ("dropout p=0.25", ["dropout p=0.25"]),
        ("[[relu]]", ["relu"]),
    ],
)
def test_what_a_text_becomes(text: str, layers: list[str]) -> None:
    assert flatten(expand(parse(text), classes=10)) == layers


def test_pieces_and_branches_keep_their_names() -> None:
    piece, branches = expand(parse("def f(n) = conv3-n\nf(4), add[ | f(4)]"))
    assert isinstance(piece, Piece)
    assert piece.name == "f"
    assert isinstance(branches, Branches)
    assert branches.branches[0] == ()
    inner = piece.items[0]
    assert isinstance(inner, Plain)
    assert inner.trail == ("f(4)",)


OPERATIONS = st.recursive(
    st.integers(0, 60).map(str),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({''.join(parts)})"),
    max_leaves=6,
)


def evaluate_slowly(text: str) -> Fraction | None:
    """By fractions, part by part; None where a division leaves a rest."""
    if text.isdigit():
        return Fraction(text)
    depth = 0
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 1 and letter in "+-*/":
            left, right = evaluate_slowly(text[1:at]), evaluate_slowly(text[at + 1 : -1])
            if left is None or right is None or (letter == "/" and right == 0):
                return None
            results = {"+": left + right, "-": left - right, "*": left * right}
            result = results[letter] if letter in results else left / right
            return result if result.denominator == 1 else None
    raise AssertionError(text)


@settings(max_examples=200, deadline=None)
@given(OPERATIONS)
def test_expressions_are_exact(text: str) -> None:
    worth = evaluate_slowly(text)
    net = parse(f"fc-({text})")
    if worth is None or worth < 1:
        with pytest.raises(NotationError, match="needed"):
            expand(net)
    else:
        assert flatten(expand(net)) == [f"fc-{worth}"]


# `§` stands before the place that the error must point at.
WRONG = [
    ("relu, fc-§classes", "Give classes=10"),
    ("conv3-§n", "unknown name `n`"),
    ("def f(n) = conv3-§m\nf(1)", "here: `n`"),
    ("def f(n) = g\ndef g = conv3-§n\nf(1)", "unknown name `n`"),
    ("conv3-(§7/2)", "7/2 does not come out exact"),
    ("conv3-(§3/0)", "does not come out exact"),
    ("def f(n) = conv3-8, conv3-(§n/2)\nf(9)", "9/2 does not come out exact"),
    ("§conv3-(8-8)", "8-8"),
    ("§conv3-0", "the number of channels of `conv` is 0"),
    ("§conv0-8", "the size of `conv` is 0"),
    ("§conv3-8/0", "the stride of `conv` is 0"),
    ("§conv3-2.5", "is 2.5"),
    ("relu§*2.5", "a repetition is 2.5"),
    ("relu§*(1-2)", "a repetition is"),
    ("conv3-(§1000000000*1000000000*1000000000)", "grows past 2^63"),
    ("conv3-8 §pad=half", "needed same, valid"),
    ("conv3-8 §pad=-1", "needed same, valid"),
    ("conv3-8 §pad=1.5", "needed same, valid"),
    ("conv3-8 §dilation=0", "needed a whole number"),
    ("conv3-8 §groups=1x2", "needed a whole number"),
    ("conv3-8 §bias=maybe", "needed yes, no or cell"),
    ("conv3-8 §mode=mirror", "zeros or reflect"),
    ("maxpool2 §ceil=1", "needed yes or no"),
    ("dropout §p=1", "from 0 to below 1"),
    ("bn §eps=-1", "a number from 0"),
    ("upsample2 §mode=cubic", "nearest or linear"),
]


@pytest.mark.parametrize(("marked", "found"), WRONG)
def test_wrong_texts(marked: str, found: str) -> None:
    text, at = marked.replace("§", ""), marked.index("§")
    with pytest.raises(NotationError) as caught:
        expand(parse(text))
    error = caught.value
    assert found in error.problem
    assert "needed" in error.problem
    assert (error.line, error.column) == (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)), error
    shown, caret = str(error).split("\n")[1:]
    assert shown[caret.index("^")] == text[at]


def double(times: int) -> str:
    lines = ["def a0_ = relu", *(f"def a{i}_ = a{i - 1}_, a{i - 1}_" for i in range(1, times))]
    return "\n".join([*lines, f"a{times - 1}_"])


def grow_by_argument(times: int) -> str:
    """Each call has two calls with arguments of their own, so that no two are alike."""
    lines = ["def a0_(n) = relu", *(f"def a{i}_(n) = a{i - 1}_(2*n), a{i - 1}_(2*n+1)" for i in range(1, times))]
    return "\n".join([*lines, f"a{times - 1}_(0)"])


EXPLOSIONS = {
    "repetitions": "[[[[relu*1000]*1000]*1000]*1000]*1000",
    "one huge repetition": "relu*999999999999999999",
    "hidden by zero": "[[relu*0]*1000000]*1000000",
    "zero times a lot": "def c = [relu*20000]*0\n" + "c, " * 50 + "c",
    "doubling": double(45),
    "doubling by argument": grow_by_argument(45),
    "doubling 60 deep": double(60),
    "empty pieces": "\n".join(["def a0_ = relu", *(f"def a{i}_ = a{i - 1}_" for i in range(1, 45)), "a44_*19999"]),
    "empty branches": "add[" + "|" * 100 + "]*19999",
    "in branches": "add[" + " | ".join(["relu*9999"] * 9) + "]",
}


@pytest.mark.parametrize("name", EXPLOSIONS)
def test_explosions_cost_nothing(name: str) -> None:
    parse("relu")  # the grammar is loaded once
    start = time.process_time()
    with pytest.raises(NotationError, match="needed"):
        expand(parse(EXPLOSIONS[name]))
    assert time.process_time() - start < 1
    tracemalloc.start()
    try:
        with pytest.raises(NotationError, match="needed"):
            expand(parse(EXPLOSIONS[name]))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_the_limit_is_exact() -> None:
    assert len(expand(parse(f"relu*{MOST_LAYERS}"))) == MOST_LAYERS
    with pytest.raises(NotationError, match="20,000"):
        expand(parse(f"relu*{MOST_LAYERS}, bn"))
