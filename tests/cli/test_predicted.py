"""The end of predict: lines under each other, or JSON; what was left out on stderr, and an error where all was."""

from __future__ import annotations

import json

import pytest

from striate.cli.predicted import Answer, print_predicted
from striate.errors import DataError

ANSWERS: list[Answer] = [({"file": "a.png", "n": 1}, "one"), ({"file": "longer name.png", "n": 2.5}, "two   three")]


@pytest.mark.parametrize("notes", [[], ["x.png: torn; left out", "y.png: gone"]])
@pytest.mark.parametrize("as_json", [False, True])
def test_answers_go_to_stdout_and_notes_to_stderr(
    capsys: pytest.CaptureFixture[str], notes: list[str], as_json: bool
) -> None:
    print_predicted(ANSWERS, notes, 4, json=as_json)
    out, err = capsys.readouterr()
    assert err.splitlines() == [f"striate: {note}" for note in notes]
    if as_json:
        assert json.loads(out) == [told for told, _ in ANSWERS]
        return
    first, second = out.splitlines()
    assert first.split() == ["a.png", "one"]
    assert second == "longer name.png  two   three"
    assert first.index("one") == second.index("two")


@pytest.mark.parametrize("as_json", [False, True])
def test_without_an_answer_the_notes_are_said_and_then_the_error(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    with pytest.raises(DataError, match="found no readable file among 3, needed at least one"):
        print_predicted([], ["x.png: torn"], 3, json=as_json)
    assert capsys.readouterr() == ("", "striate: x.png: torn\n")
