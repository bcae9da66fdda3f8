"""The application itself: its version, its help, and that each file of commands adds its own to it."""

from __future__ import annotations

import inspect

import pytest
from tests.cli.conftest import Call
from tests.cli.handing import COMMANDS

import striate
from striate.cli import application
from striate.cli.main import COMMANDS as FILES


def test_the_version_is_the_packages_and_nothing_else_is_done(call: Call) -> None:
    said = call("--version")
    assert (said.code, said.out, said.err) == (0, f"striate {striate.__version__}\n", "")
    assert call("--version", "nets") == said


def test_each_command_lives_in_one_of_the_files_of_commands() -> None:
    homes = {COMMANDS[name].callback.__module__ for name in COMMANDS}
    assert homes == {each.__name__ for each in FILES}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_says_what_it_does_in_a_sentence(command: str) -> None:
    said = inspect.getdoc(COMMANDS[command].callback)
    assert said is not None
    assert said.split("\n")[0].endswith(".")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_has_its_help(command: str) -> None:
    assert all(each.help for each in COMMANDS[command].params)


@pytest.mark.parametrize("argument", ["--nosuch", "nosuch", "-x"])
def test_what_there_is_not_is_one_line_with_the_way_to_the_help(call: Call, argument: str) -> None:
    said = call(argument)
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert argument in line
    assert line.endswith("See `striate --help`")


@pytest.mark.parametrize("shared", ["NetArgument", "RunArgument", "JsonOption", "InputOption", "ClassesOption"])
def test_what_is_shared_is_shared_by_several(shared: str) -> None:
    wanted = getattr(application, shared)
    users = [
        name
        for name, each in COMMANDS.items()
        if wanted in inspect.get_annotations(each.callback, eval_str=True).values()
    ]
    assert users
