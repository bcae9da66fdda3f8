"""What goes wrong by the user's hand has one root; what is stopped is no error; a caret stands under its column."""

from __future__ import annotations

import inspect

import pytest

from striate import errors
from striate.errors import InputError, NetShapeError, NotationError, ShapeError, Stopped


def test_every_error_is_an_input_error_and_a_stop_is_none() -> None:
    found = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    assert len(found) >= 8
    for each in found:
        assert issubclass(each, InputError) != (each is Stopped)
    assert issubclass(NetShapeError, ShapeError)
    assert issubclass(NetShapeError, NotationError)


@pytest.mark.parametrize("kind", [NotationError, NetShapeError])
@pytest.mark.parametrize("column", [1, 8, 14])
def test_the_caret_stands_under_the_column(kind: type[NotationError], column: int) -> None:
    shown = "conv3-8, relu, covn3-8"
    error = kind("unknown word.", source="a.net", line=3, column=column, shown=shown)
    first, second, third = str(error).split("\n")
    assert first == f"a.net:3:{column}: unknown word."
    assert second.strip() == shown
    assert second[third.index("^")] == shown[column - 1]
    assert third.strip() == "^"
    assert (error.problem, error.source, error.line, error.column) == ("unknown word.", "a.net", 3, column)


@pytest.mark.parametrize("shown", ["", "   "])
def test_without_a_line_to_show_there_is_no_caret(shown: str) -> None:
    assert str(NotationError("empty.", shown=shown)) == "text:1:1: empty."


def test_a_stop_tells_where_the_run_stands() -> None:
    stop = Stopped("saved", 7, ({"epoch": 1},))
    assert (str(stop), stop.step, stop.history) == ("saved", 7, ({"epoch": 1},))
