"""Texts in a pool: numbered by what the training texts alone hold, or as another set was; against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.part import SetAside
from striate.data.pool import Pool, Request, Side
from striate.data.words import (
    LEAST,
    MOST,
    Texts,
    check_size,
    choose_length,
    decode_cells,
    encode_texts,
    pool_words,
    restore_words,
)
from striate.errors import DataError

TEXTS = ("one two", "two three two", "...", "four", "", "five six seven")


def gather(texts: tuple[str, ...] = TEXTS) -> Texts:
    read = Texts(set_aside=[SetAside("m.md", "no table")])
    for number, text in enumerate(texts):
        read.add(text, "odd" if number % 2 else "even", f"{number}.txt", Side.UNSAID)
    return read


def learn(pool: Pool, *places: int) -> Pool:
    assert pool.learn is not None
    return pool.learn(np.array(places, np.int64))


def test_the_vocabulary_is_that_of_the_places_learned_from() -> None:
    pool = pool_words(gather(), Request(), "x")
    trained = learn(pool, 0, 2)
    assert set(str((trained.reading or {})["vocabulary"]).split()) == {"one", "two", "."}
    shown = [" ".join(decode_cells(row, trained.reading or {})) for row in trained.inputs]
    assert shown == [
        "one two",
        "two <unknown> two",
        ". . .",
        "<unknown>",
        "<unknown> <unknown> <unknown>",
    ]
    assert trained.learn is None


def test_what_has_no_word_is_set_aside_and_the_rest_keeps_its_labels() -> None:
    pool = pool_words(gather(("a", "", "b", " \n", "c", "d")), Request(), "x")
    assert list(pool.names) == ["0.txt", "2.txt", "4.txt", "5.txt"]
    assert [pool.classes[label] for label in pool.labels] == ["even", "even", "even", "odd"]
    assert [(each.name, each.reason) for each in pool.set_aside] == [
        ("1.txt", "no word in it"),
        ("3.txt", "no word in it"),
        ("m.md", "no table"),
    ]
    assert (pool.smallest, pool.largest) == ((1,), (1,))


def test_nothing_but_empty_texts_is_an_empty_pool() -> None:
    pool = pool_words(gather(("", " ")), Request(), "x")
    assert len(pool.inputs) == len(pool.labels) == 0
    assert pool.learn is None


def test_another_set_is_numbered_as_the_first_one_was() -> None:
    first = learn(pool_words(gather(), Request(), "x"), 0, 1, 2, 3, 4)
    reading = first.reading or {}
    again = pool_words(gather(), Request(reading=reading), "y")
    assert np.array_equal(again.inputs, first.inputs)
    assert again.reading == reading
    kept = [text for text in TEXTS if text]
    assert np.array_equal(encode_texts(kept, reading), first.inputs)
    assert encode_texts(kept, reading, (2,)).shape == (len(kept), 1, 2)


def test_a_forced_length_cuts_and_says_so() -> None:
    pool = learn(pool_words(gather(), Request(extents=(2,)), "x"), 0, 1)
    assert pool.inputs.shape[1:] == (1, 2)
    told = next(note for note in pool.notes if "tokens" in note)
    assert "texts of 1 to 3 tokens" in told
    assert "of 3 longer ones the end is cut off" in told
    whole = learn(pool_words(gather(), Request(), "x"), 0, 1)
    assert not any("cut off" in note for note in whole.notes)


@given(st.lists(st.integers(1, 700), min_size=1, max_size=60))
def test_the_length_is_the_shortest_that_holds_95_of_100(lengths: list[int]) -> None:
    found = choose_length(lengths)
    ranked = sorted(lengths)
    enough = next(n for n in ranked if sum(each <= n for each in lengths) >= 1 + 0.95 * (len(lengths) - 1))
    candidates = [n for n in range(LEAST, MOST + 1, 4) if n >= enough]
    assert found == (candidates[0] if candidates else MOST)


@pytest.mark.parametrize("request_", [Request(extents=(8, 8)), Request(channels=3), Request((3, 4), 2)])
def test_a_size_that_words_cannot_have_is_refused(request_: Request) -> None:
    with pytest.raises(DataError, match="holds words"):
        check_size(request_, "x")
    with pytest.raises(DataError, match="holds words"):
        pool_words(gather(), request_, "x")
    check_size(Request((9,), 1), "x")


def test_a_network_of_another_kind_takes_no_words() -> None:
    with pytest.raises(DataError, match=r"x: holds words; needed sound"):
        restore_words({"kind": "sound"}, Request(), "x")
    with pytest.raises(DataError, match=r"text 1: found no word in it"):
        encode_texts(["a", ""], {"kind": "words", "length": 4, "vocabulary": "a"})
