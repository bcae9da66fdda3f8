from __future__ import annotations

import pytest
from lark import Token

from striate.errors import NotationError
from striate.nets.names import MOST_DIGITS, Scope
from striate.nets.tree import Name, locate_error
from striate.nets.vocabulary import LAYERS, WORDS


@pytest.fixture
def scope() -> Scope:
    return Scope(lambda at, problem: locate_error("", "text", at, problem))


def word(text: str) -> Token:
    return Token("NAME", text, start_pos=0)


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_word_is_told_from_its_size(scope: Scope, name: str) -> None:
    assert scope.split_head(word(name), has_size=False) == (name, ())
    if name + "6" not in WORDS:
        assert scope.split_head(word(name + "6"), has_size=False) == (name, (6,))
    assert scope.split_head(word(name + "7x12"), has_size=False) == (name, (7, 12))
    assert scope.split_head(word(name + "7x12x"), has_size=True) == (name, (7, 12))


def test_longest_word_wins(scope: Scope) -> None:
    assert scope.split_head(word("relu6"), has_size=False) == ("relu6", ())
    assert scope.split_head(word("taps"), has_size=False) == ("taps", ())


def test_an_argument_may_be_a_size(scope: Scope) -> None:
    scope.parameters = ("k",)
    assert scope.split_head(word("convk"), has_size=False) == ("conv", (Name("k"),))
    with pytest.raises(NotationError, match="unknown word `convq`"):
        scope.split_head(word("convq"), has_size=False)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("cnv3", "conv3"),
        ("CONV3x5", "conv3x5"),
        ("maxpol2", "maxpool2"),
        ("batchnorm", None),
        ("drop", "crop"),
        ("flaten", "flatten"),
        ("softmx", "softmax"),
        ("depthwize3", "depthwise3"),
        ("qqqq", None),
    ],
)
def test_a_slip_gets_the_nearest_word(scope: Scope, slip: str, meant: str | None) -> None:
    with pytest.raises(NotationError) as caught:
        scope.split_head(word(slip), has_size=False)
    assert (f"Did you mean `{meant}`?" if meant else "The layers are: avgpool, bn") in caught.value.problem


def test_a_definition_may_be_meant(scope: Scope) -> None:
    scope.define(word("bottleneck"), ("n",))
    with pytest.raises(NotationError, match="Did you mean `bottleneck`"):
        scope.split_head(word("botleneck"), has_size=False)


def test_a_long_name_is_cut(scope: Scope) -> None:
    with pytest.raises(NotationError) as caught:
        scope.split_head(word("q" * 10_000), has_size=False)
    assert len(caught.value.problem) < 600


def test_numbers_have_a_bound(scope: Scope) -> None:
    assert scope.read_whole("9" * MOST_DIGITS, 0) < 2**63
    with pytest.raises(NotationError, match=f"{MOST_DIGITS} at most"):
        scope.read_whole("9" * (MOST_DIGITS + 1), 0)
