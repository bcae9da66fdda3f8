"""One line for each word, and only for words that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from striate.errors import InputError
from striate.nets.notation import parse
from striate.nets.summaries import CHOICES, SUMMARIES, write_pattern
from striate.nets.vocabulary import BRACKETS, LAYERS, WORDS

LONGEST = 70
HOLDING = "conv3-4"


def test_every_word_has_its_line_and_no_other() -> None:
    assert set(SUMMARIES) == WORDS


@pytest.mark.parametrize("word", SUMMARIES)
def test_a_line_is_short_its_own_and_no_sentence(word: str) -> None:
    line = SUMMARIES[word]
    assert 0 < len(line) <= LONGEST
    assert not line.endswith(".")
    assert [other for other, said in SUMMARIES.items() if said == line] == [word]


@pytest.mark.parametrize("word", SUMMARIES)
def test_a_pattern_begins_with_its_word(word: str) -> None:
    assert write_pattern(word).startswith(word)


@pytest.mark.parametrize("word", sorted(BRACKETS))
def test_a_brackets_pattern_can_be_read_once_its_blanks_are_filled(word: str) -> None:
    pattern = write_pattern(word)
    filled = pattern.replace("[ ", f"[{HOLDING}").replace("| ]", f"| {HOLDING}]")
    assert pattern.count("|") == (0 if word in ("tap", "aux") else 1)
    parse(filled)  # raises what it can't read


def can_read(reader: Callable[[Any], Any], value: str | int) -> bool:
    try:
        reader((value,))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("option", CHOICES)
def test_an_options_choices_can_be_written_somewhere(option: str) -> None:
    readers = [known.options[option] for known in LAYERS.values() if option in known.options]
    for choice in CHOICES[option]:
        value = int(choice) if choice.isdecimal() else choice
        assert any(can_read(reader, value) for reader in readers), choice


def test_a_word_that_there_is_not_has_no_pattern() -> None:
    with pytest.raises((InputError, KeyError)):
        write_pattern("convolve")
