from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from importlib import resources
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from striate.errors import InputError, NotationError
from striate.nets import find_net, list_zoo, parse, place
from striate.nets.notation import MOST_CHARACTERS
from striate.nets.tree import Net

ZOO = [
    resources.files("striate.nets").joinpath("zoo", f"{name}.net").read_text(encoding="utf-8") for name in list_zoo()
]
SEEDS = st.integers(0, 2**32)


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_tree_to_text_to_tree(grow_net: Callable[[int], Net], seed: int) -> None:
    net = grow_net(seed)
    assert parse(str(net)) == net


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_line_ends_beside_signs_and_comments_mean_nothing(grow_net: Callable[[int], Net], seed: int) -> None:
    net, choose = grow_net(seed), Random(seed).choice

    def space(found: re.Match[str]) -> str:
        blanks = ["", " ", "\n", "\r\n", "\t\n\n", " # a comment, with [ and |\n"]
        after = found[0] in ",|=" or (found[0] == "[" and found.string[found.start() - 1 :][:1] not in " ,|[\n")
        return (choose(blanks) if found[0] in ",|]=" else "") + found[0] + (choose(blanks) if after else "")

    assert parse(re.sub(r"[,|\[\]=](?![^(]*\))", space, str(net))) == net


@pytest.mark.parametrize("text", ZOO)
def test_zoo_reads_back(text: str) -> None:
    net = parse(text)
    assert parse(str(net)) == net
    assert str(parse(str(net))) == str(net)


@pytest.mark.parametrize("text", ZOO)
def test_line_ends_of_other_systems(text: str) -> None:
    net = parse(text)
    for other in (
        text.replace("\n", "\r\n"),
        text + "\n \n\t\n",
        text.replace(" ", "\t"),
        text.replace("\n", " \n\n# c\n"),
    ):
        assert parse(other) == net


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("relu, bn", "relu\nbn"),
        ("conv3x5-8", "conv(3)x5-8"),
        ("conv3-8 pad=causalx1", "conv3-8 pad=(causal)x1"),
        ("conv3-8 pad=1xcausalx1", "conv3-8 pad=1x(causal)x1"),
        ("conv3-8 pad=same", "conv3-8\npad=same"[:7] + " pad = same"),
        ("fc-(1+2*3-4)", "fc-((1+(2*3))-4)"),
        ("fc-(-2+8)", "fc-((0-2)+8)"),
        ("relu*2*3", "relu*(2)*3"),
        ("def f = relu\nf, f()", "def f() = relu\nf(), f"),
        ("def f(k) = convk-8\nf(3)", "def f(k) = conv(k)-8\nf(3)"),
        ("input 3x8x8\nrelu", "input 3 x 8 x 8\n\nrelu"),
        ("f(1)\ndef f(n) = fc-n", "def f(n) = fc-n\nf(1)"),
    ],
)
def test_two_ways_to_write_one_tree(text: str, same: str) -> None:
    assert parse(text) == parse(same)


# `§` stands before the place that the error must point at; a text without one fails at its beginning.
WRONG = [
    ("", "no layer"),
    ("  # only a comment", "no layer"),
    ("conv3-8, relu§,", "the end of the text"),
    ("conv3-8,  §, relu", "found `,`"),
    ("§, relu", "found `,`"),
    ("conv3-8 §relu", "found `relu`"),
    ("conv3-8  # first\nbn §relu  # second", "found `relu`"),
    ("conv3-8, # [ one\r\nrelu,\r\n\tbn §relu", "found `relu`"),
    ("conv3§.5-8", "found `.5`"),
    ("conv3-8 §8", "found `8`"),
    ("conv3-§\nrelu", "a line end"),
    ("conv3-   # comment§\nrelu", "a line end"),
    ("conv3-8/§, relu", "found `,`"),
    ("conv3-8 pad§=", "end of the text"),
    ("conv3-8 pad=§, relu", "found `,`"),
    ("conv3-8 pad=1:§, relu", "found `,`"),
    ("relu*§, bn", "found `,`"),
    ("add[relu | §+]", "found `+`"),
    ("[§]", "found `]`"),
    ("def §= relu\nbn", "found `=`"),
    ("def f(§3) = relu\nf(1)", "found `3`"),
    ("def f§\nrelu", "a line end"),
    ("def f §=", "the end of the text"),
    ("input §relu", "found `relu`"),
    ("input 3x§\nrelu", "a line end"),
    ("relu §? bn", "found `?`"),
    ("relu, §é", "found `é`"),
    ("relu, §“bn”", "found `“`"),
    ("fc-(2+§)", "found `)`"),
    ("fc-(2 §3)", "found `3`"),
    ("conv3-8, §[relu", "never closed"),
    ("conv3-8, relu§]", "found `]`"),
    ("relu §| bn", "found `|`"),
]


@pytest.mark.parametrize(("marked", "found"), WRONG)
def test_wrong_texts(marked: str, found: str) -> None:
    text = marked.replace("§", "")
    at = max(0, marked.find("§"))
    with pytest.raises(NotationError) as caught:
        parse(text, "my.net")
    error = caught.value
    assert found in error.problem
    assert "needed" in error.problem
    assert re.search(r"[^.]\. [A-Z`][^.]*", error.problem), "no way out"
    assert (error.line, error.column) == (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    assert str(error).startswith(f"my.net:{error.line}:{error.column}: ")
    if text.strip():
        _, shown, caret = str(error).split("\n")
        assert shown.strip() == text.split("\n")[error.line - 1].replace("\t", " ").strip()
        assert caret.index("^") == 4 + error.column - 1


def test_a_huge_text_is_refused_unread() -> None:
    start = time.process_time()
    with pytest.raises(NotationError, match="characters, needed at most"):
        parse("relu," * MOST_CHARACTERS)
    assert time.process_time() - start < 0.5


def check_only_input_errors(text: str) -> None:
    """Whatever the text, it is a network or a clear error, and soon."""
    start = time.process_time()
    with contextlib.suppress(InputError):
        net = parse(text)
        assert parse(str(net)) == net
        place(net, net.input or (4, 32, 32), classes=10)
    assert time.process_time() - start < 10


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="conv3x-8/2 pad=1:,|[]()*+.#\nrelubnfcasdéx", max_size=60))
@example("x")
@example("conv3-8 pad=x")
@example("def f(x) = relu")
@example("def def = relu\nrelu")
@example("input\nrelu")
@example("fc-classes/2")
@example("conv3-(1e18*1e18)")
@example("\ufeffrelu")
@example("relu\0")
def test_random_letters(text: str) -> None:
    check_only_input_errors(text)


PIECES = [*"[]()|,*/-=x\n#09n:.", "conv", "add", "def ", "pad=full"]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ZOO), st.lists(st.tuples(st.integers(0, 3), st.integers(0), st.integers(0)), min_size=1, max_size=4)
)
def test_mutated_networks(text: str, changes: list[tuple[int, int, int]]) -> None:
    for kind, one, other in changes:
        at, there = one % (len(text) + 1), other % (len(text) + 1)
        low, high = min(at, there), max(at, there)
        if kind == 0:
            text = text[:at] + text[at + 1 + other % 5 :]
        elif kind == 1:
            text = text[:at] + PIECES[other % len(PIECES)] + text[at:]
        elif kind == 2:
            text = text[:low] + text[high : high + 1] + text[low + 1 : high] + text[low : low + 1] + text[high + 1 :]
        else:
            text = text[:at] + text[there : there + 9] + text[at:]
    check_only_input_errors(text)


def test_source_and_text_are_kept() -> None:
    net = find_net("lenet5")
    assert net.source == "lenet5.net"
    assert parse(net.text) == net
