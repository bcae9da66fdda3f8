"""What the documentation shows is true: its networks are read and placed, its errors are the ones that come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from striate.errors import NotationError
from striate.nets import find_net, parse, place
from striate.nets.vocabulary import LAYERS, UNBUILT, WORDS

PAGE = (Path(__file__).parents[1] / "docs" / "notation.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```striate\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ERRORS = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_network_is_one(block: str) -> None:
    net = parse(block)
    if net.input is not None:
        assert place(net, classes=10)[-1].output


def test_lenet_is_the_zoos() -> None:
    assert parse(BLOCKS[0]) == find_net("lenet5")


@pytest.mark.parametrize("shown", ERRORS)
def test_every_error_is_said_so(shown: str) -> None:
    message, line, caret = shown.rstrip("\n").split("\n")
    source, number, _ = message.split(":")[:3]
    with pytest.raises(NotationError) as caught:
        place(parse("relu\n" * (int(number) - 1) + line[4:], source), (8, 8, 8))
    assert str(caught.value).split("\n") == [message, line, caret]


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_is_described(word: str) -> None:
    assert re.search(rf"`{word}[`\[]", PAGE)


def test_what_is_not_built_is_said() -> None:
    (listed,) = re.findall(r"### Not built yet\n(.*?)\n\n## ", PAGE, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) == UNBUILT


@pytest.mark.parametrize("word", [word for word in LAYERS if LAYERS[word].options and word != "depthwise"])
def test_every_option_is_described(word: str) -> None:
    (row,) = re.findall(rf"^\| `{word}`.*$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)=", row)) == set(LAYERS[word].options)
