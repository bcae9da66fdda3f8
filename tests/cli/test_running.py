"""The commands that make and use a run: every option arrives where the work is done, whole and under its own name."""

from __future__ import annotations

import inspect

import pytest
from tests.cli.handing import call_with, check_command, list_options

import striate
from striate.cli import running
from striate.cli.running import _train


@pytest.mark.parametrize(
    ("command", "apart"), [("train", ()), ("evaluate", ()), ("predict", ("timeline",)), ("report", ())]
)
def test_no_option_is_lost_or_swapped(command: str, apart: tuple[str, ...]) -> None:
    check_command(running, command, apart)


def test_a_timeline_is_asked_of_what_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "predict_files", None)
    options = {option.name: option for option in list_options("predict")}
    chosen = [options[name] for name in ("run", "files", "timeline", "engine", "json")]
    handed = call_with(running, "predict", chosen)
    assert handed == {
        "path": [options["run"].value],
        "files": [options["files"].value],
        "engine": [options["engine"].value],
        "json": [True],
    }


def test_train_offers_what_the_function_takes_and_nothing_that_it_does_not() -> None:
    taken = inspect.signature(striate.train).parameters
    offered = {option.name for option in list_options("train")} - {"resume", "json"}
    assert offered <= taken.keys()
    assert {option.name for option in list_options("train")} == inspect.signature(_train).parameters.keys()


def test_what_is_left_out_is_left_to_the_function() -> None:
    """No option has a default of its own that could differ from the function's."""
    handed = call_with(running, "train", [])
    assert handed.pop("json") == [False]
    assert all(values == [None] for values in handed.values()), handed
