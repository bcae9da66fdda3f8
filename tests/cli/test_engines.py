"""How fast a network runs is asked for alike by every command that offers it, and refused before any work is done."""

from __future__ import annotations

import inspect

import pytest
from tests.cli.conftest import Call
from tests.cli.handing import COMMANDS, list_options
from tests.verbs.draw import Finished

from striate.cli import engines
from striate.engine import Engine

OPTIONS = {
    name.removesuffix("Option").lower(): value for name, value in vars(engines).items() if name.endswith("Option")
}


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "measure"])
def test_an_option_of_one_name_is_the_same_everywhere(command: str) -> None:
    taken = inspect.get_annotations(COMMANDS[command].callback, eval_str=True)
    for option in list_options(command):
        if option.name in OPTIONS:
            assert taken[option.name] == OPTIONS[option.name]


def test_each_is_offered_somewhere() -> None:
    assert OPTIONS.keys() == {"engine", "precision", "layout", "threads", "compile", "probe"}
    offered = {option.name for command in COMMANDS for option in list_options(command)}
    assert offered >= OPTIONS.keys()


@pytest.mark.parametrize("command", ["evaluate", "predict"])
@pytest.mark.parametrize(
    ("option", "value"),
    [("engine", "steam"), ("precision", "fp7"), ("layout", "diagonal"), ("threads", "0"), ("threads", "many")],
)
def test_what_no_engine_has_is_one_line(call: Call, finished: Finished, command: str, option: str, value: str) -> None:
    said = call(command, finished.run.path, finished.data, f"--{option}", value)
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert value in line or f"'--{option}'" in line


def test_what_is_asked_for_is_what_answers(call: Call, finished: Finished) -> None:
    file = next(finished.data.rglob("*.png"))
    wanted = ("--engine", "torch", "--precision", "fp32", "--layout", "channels_last", "--threads", "1")
    said = call("evaluate", finished.run.path, finished.data, *wanted)
    assert said.code == 0
    engine = next(line for line in said.out.splitlines() if line.startswith("engine"))
    assert engine.removeprefix("engine").strip() == Engine(memory_format="channels_last", threads=1).label
    assert call("predict", finished.run.path, file, *wanted).code == 0
