from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from striate.measure.fields import ReceptiveField
from striate.measure.wording import (
    UNITS,
    wrap,
    write_bytes,
    write_count,
    write_each,
    write_field,
    write_shape,
    write_share,
    write_step,
)

SIZES = st.integers(0, 2**69)


@given(SIZES)
def test_bytes_are_right_to_three_figures(number: int) -> None:
    figure, unit = write_bytes(number).split(" ")
    meant = Fraction(figure) * 1024 ** UNITS.index(unit)
    assert abs(meant - number) <= Fraction(5, 1000) * number
    assert sum(letter.isdigit() for letter in figure.lstrip("0.")) <= 4
    assert float(figure) < 1000


@given(SIZES)
def test_counts_keep_every_digit(number: int) -> None:
    assert int(write_count(number).replace(",", "") or 0) == number


def test_what_was_not_counted_is_a_dash() -> None:
    assert write_count(None) == write_bytes(None) == "-"


@given(st.lists(st.integers(1, 99), max_size=5))
def test_shapes_are_read_back(shape: list[int]) -> None:
    assert [int(extent) for extent in write_shape(shape).split("x")] == (shape or [1])


@given(st.lists(st.fractions(0, 9, max_denominator=5), min_size=1, max_size=3))
def test_axes_that_agree_are_written_once(values: list[Fraction]) -> None:
    read = [Fraction(part) for part in write_each(values).split("x")]
    assert (read * len(values) if len(read) == 1 else read) == values


def test_a_field_says_where_it_is_a_bound_and_where_it_is_all() -> None:
    one = (Fraction(1), Fraction(1, 2))
    assert write_field(ReceptiveField((3, 5), one, (0, 0))) == "3x5"
    assert write_field(ReceptiveField((4, 4), one, (0, 0), varies=True)) == "<=4"
    assert (write_field(None), write_step(None)) == ("all", "")
    assert write_step(ReceptiveField((3, 5), one, (0, 0))) == "1x1/2"


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_share_is_right_and_never_rounded_to_none_or_all(part: int, more: int) -> None:
    whole = part + more - 1 or 1
    text = write_share(part, whole)
    number, bound = Fraction(text.strip("<>% ")), text[0] if text[0] in "<>" else ""
    share = Fraction(100 * part, whole)
    if bound:
        assert 0 < share < number if bound == "<" else number < share < 100
    else:
        assert abs(number - share) <= Fraction(51, 1000)
        assert (number == 0) == (part == 0)
        assert (number == 100) == (part == whole)


@given(st.lists(st.text("abc-.", min_size=1, max_size=12), min_size=1, max_size=30), st.integers(20, 60))
def test_wrapping_loses_no_word_and_breaks_none(words: list[str], width: int) -> None:
    lines = wrap(" ".join(words), width, "- ", "  ").splitlines()
    assert [word for line in lines for word in line[2:].split()] == words
    assert all(len(line) <= width for line in lines)
    assert {line[:2] for line in lines[1:]} <= {"  "}
