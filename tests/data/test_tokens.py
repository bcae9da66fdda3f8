from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.data.tokens import MANY_TEXTS, MOST_WORDS, Vocabulary, learn_vocabulary, tokenise


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" \n\t", []),
        ("ML not like!", ["ml", "not", "like", "!"]),
        ("Don't, it’s 3.5 €", ["don't", ",", "it’s", "3", ".", "5", "€"]),
        ("ﬁne STRASSE Ünlü", ["fine", "strasse", "ünlü"]),
        ("'quoted'", ["'", "quoted", "'"]),
        ("日本 語", ["日本", "語"]),
    ],
)
def test_tokens_by_the_rule(text: str, tokens: list[str]) -> None:
    assert tokenise(text) == tokens


@given(st.text())
def test_tokens_hold_all_but_spaces_and_none_of_them(text: str) -> None:
    tokens = tokenise(text)
    assert all(token and not any(letter.isspace() for letter in token) for token in tokens)
    assert tokenise(" ".join(tokens)) == tokens


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=8), max_size=8), st.integers(1, 9))
def test_encoded_cell_by_cell(texts: list[list[str]], length: int) -> None:
    vocabulary = Vocabulary(("c", "a"))
    cells = vocabulary.encode(texts, length)
    assert cells.shape == (len(texts), 1, length)
    assert cells.dtype == np.int16
    for row, text in enumerate(texts):
        for cell in range(length):
            token = text[cell] if cell < len(text) else None
            expected = 0 if token is None else {"c": 2, "a": 3}.get(token, 1)
            assert cells[row, 0, cell] == expected
        known = [token if token in "ca" else "<unknown>" for token in text[:length]]
        assert vocabulary.decode(cells[row, 0].tolist()) == known


def test_the_commonest_words_first() -> None:
    texts = [["b", "a"], ["b", "c"], ["a", "b"]]
    counts = Counter(word for text in texts for word in text)
    words = learn_vocabulary(texts).words
    assert [counts[word] for word in words] == sorted(counts.values(), reverse=True)
    assert words == ("b", "a", "c")


def test_words_that_many_texts_hold_once_are_unknown() -> None:
    texts = [["common"]] * (MANY_TEXTS - 1) + [["rare"]]
    assert learn_vocabulary(texts).words == ("common",)
    assert learn_vocabulary(texts[1:]).words == ("common", "rare")


def test_a_vocabulary_is_bounded() -> None:
    found = learn_vocabulary([[str(number) for number in range(MOST_WORDS + 50)]])
    assert len(found) == MOST_WORDS
    assert int(found.encode([[found.words[-1]]], 1)[0, 0, 0]) == MOST_WORDS - 1 < 2**15
