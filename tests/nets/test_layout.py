from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.errors import NotationError
from striate.nets.layout import MOST_DEPTH, lay_out


@given(st.text(alphabet="ab,|[]()=#\n\r\t x*", max_size=60))
def test_offsets_stay(text: str) -> None:
    try:
        plain = lay_out(text)
    except NotationError:
        return
    assert len(plain) == len(text)
    for at, letter in enumerate(plain):
        assert letter == text[at] or letter == " "


@pytest.mark.parametrize(
    ("text", "separators"),
    [
        ("relu\nbn", 1),
        ("relu\r\nbn", 1),
        ("relu  # c\n\n \t\n# d\nbn", 1),
        ("relu,\nbn", 0),
        ("relu\n, bn", 0),
        ("add[\nrelu\n|\nbn\n]", 0),
        ("add\n[relu | bn]", 0),
        ("def f\n=\nrelu", 0),
        ("conv3-8\npad\n=\n1", 1),
        ("add[relu | ]\nrelu", 1),
        ("aux[relu]\nweight=0.3", 0),
        ("[relu]\n*2", 0),
        ("relu\n[bn]*2", 1),
        ("[relu\nbn]", 1),
        ("conv3-(\n2\n*\n4\n)", 0),
        ("\n\n relu \n\n", 0),
        ("pad\n[relu]", 1),
        ("addition\n[relu]", 1),
    ],
)
def test_which_line_ends_separate(text: str, separators: int) -> None:
    assert lay_out(text).count("\n") == separators


def test_a_separator_stays_where_the_line_ends() -> None:
    text = "relu  # first\n  # second\nbn"
    assert lay_out(text).index("\n") == text.index("\n")


@pytest.mark.parametrize(
    ("text", "column", "found"),
    [
        ("relu]", 5, "`]`"),
        ("[relu)", 6, "`)`"),
        ("conv3-(2*[4)", 12, "`)`"),
        ("relu, [bn, add[relu | ]", 7, "never closed"),
        ("fc-(2", 4, "never closed"),
        ("relu # [ is a comment\n, [", 3, "never closed"),
    ],
)
def test_brackets_that_do_not_match(text: str, column: int, found: str) -> None:
    with pytest.raises(NotationError, match="needed") as caught:
        lay_out(text)
    assert caught.value.column == column
    assert found in caught.value.problem


@pytest.mark.parametrize(("opening", "closing"), ["[]", "()"])
def test_depth_has_a_bound(opening: str, closing: str) -> None:
    most = MOST_DEPTH[opening]
    lay_out(opening * most + closing * most)
    with pytest.raises(NotationError, match=f"inside {most} others") as caught:
        lay_out(opening * (most + 1) + closing * (most + 1))
    assert caught.value.column == most + 1


@pytest.mark.parametrize("letter", [" ", "\n", "\t", " \n", "#\n", "# ", "]", ")", "a ="])
def test_a_long_run_takes_no_quadratic_time(letter: str) -> None:
    start = time.process_time()
    with contextlib.suppress(NotationError):
        lay_out("relu" + letter * (100_000 // len(letter)) + "x")
    assert time.process_time() - start < 1
