from __future__ import annotations

import pytest

from striate.errors import InputError
from striate.nets.lookup import list_zoo
from striate.nets.notation import parse
from striate.nets.summaries import CHOICES, SUMMARIES, write_pattern
from striate.nets.vocabulary import BRACKETS, LAYERS, WORDS
from striate.verbs.completing import complete, list_vocabulary


def suggest(text: str) -> list[str]:
    """What is offered at `^`."""
    return [each.insert for each in complete(text.replace("^", ""), text.index("^")).suggestions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv3-8, deco^", ["deconv3-64"]),
        ("conv3-8 di^", ["dilation="]),
        ("conv3-8 pad=1 dilation=2 gro^", ["groups="]),
        ("conv3-8 pad=va^", ["valid"]),
        ("def block(n) = conv3-n\nblo^", ["block("]),
        ("def block = conv3-8\nadd[blo^ | ]", ["block"]),
        ("def f(n) = deco^", ["deconv3-64"]),
        ("# deco^", []),
        ("conv3-8  # pad=va^", []),
        ("relu ^", []),
        ("resnext^", ["resnext50"]),
    ],
)
def test_what_may_stand_there_is_offered(text: str, expected: list[str]) -> None:
    assert suggest(text) == expected


def test_an_option_that_is_there_is_not_offered_again() -> None:
    assert "pad=" in suggest("conv3-8 ^")
    assert "pad=" not in suggest("conv3-8 pad=1 ^")


def test_the_zoo_is_offered_where_nothing_else_stands() -> None:
    assert "lenet5" in suggest("lenet^")
    assert suggest("conv3-8, lenet^") == []


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_is_offered_and_its_pattern_can_be_read(word: str) -> None:
    found = {each.label: each for each in complete(f"relu, {word[:1]}", 7).suggestions}
    assert found[word].detail == SUMMARIES[word]
    pattern = write_pattern(word).replace("[ ]", "[relu]")
    parse(pattern + (" groups=2" if word == "channelshuffle" else ""))


def test_every_choice_is_one_that_some_word_takes() -> None:
    for key, values in CHOICES.items():
        words = [word for word in LAYERS if key in LAYERS[word].options and word != "crop"]
        for value in values:
            assert any(_reads(word, key, value) for word in words), (key, value)


def _reads(word: str, key: str, value: str) -> bool:
    try:
        LAYERS[word].options[key]((int(value) if value.isdecimal() else value,))
    except (ValueError, InputError):
        return False
    return True


def test_the_vocabulary_is_the_notation_s() -> None:
    found = list_vocabulary()
    assert {*found["layers"], *found["brackets"]} == WORDS == set(SUMMARIES)
    assert found["brackets"] == list(BRACKETS)
    assert found["zoo"] == list(list_zoo())
