"""Every option of a command set to a value of its own, to follow each to the function that does the work."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from striate.cli.application import app
from striate.cli.main import run_command

COMMANDS: dict[str, Any] = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Option:
    """A parameter of a command; its values where it is left out and given, and the arguments that give it."""

    name: str
    before: Any
    value: Any
    arguments: tuple[str, ...]
    is_argument: bool


def list_options(command: str) -> list[Option]:
    """The parameters of a command, each with a value that no other has; of flags, the one that isn't the default."""
    return [_make_option(place, each) for place, each in enumerate(COMMANDS[command].params) if each.name != "help"]


def _make_option(place: int, parameter: Any) -> Option:
    kind = _find_kind(parameter.type_descriptor.annotation)
    is_argument = parameter.param_type_name == "argument"
    value: Any
    if kind is bool:
        value = not parameter.default
        spelling = parameter.opts if value else parameter.secondary_opts
        return Option(parameter.name, parameter.default, value, (spelling[0],), is_argument)
    value = {int: 100 + place, float: 0.5 + place, str: f"word-{place}", Path: Path(f"path-{place}")}[kind]
    arguments = (str(value),) if is_argument else (parameter.opts[0], str(value))
    several = parameter.multiple or parameter.nargs != 1
    return Option(parameter.name, parameter.default, [value] if several else value, arguments, is_argument)


def _find_kind(annotation: Any) -> type:
    """What one value is: `list[Path] | None` holds paths."""
    parts = [part for part in typing.get_args(annotation) if part is not types.NoneType]
    return _find_kind(parts[0]) if parts else annotation


def call_with(module: types.ModuleType, command: str, options: list[Option]) -> dict[str, list[Any]]:
    """Run a command whose work is taken from it; what it hands over by name: of arguments, fields and keys."""
    handed: list[tuple[str, Any]] = []
    given = sorted(options, key=lambda option: not option.is_argument)
    with pytest.MonkeyPatch.context() as patch:
        for name, function in vars(module).items():
            if isinstance(function, types.FunctionType) and _does_work(function, module):
                patch.setattr(module, name, _listen(function, handed))
        assert run_command([command, *(part for option in given for part in option.arguments)]) == 0
    found: dict[str, list[Any]] = {}
    for name, value in handed:
        found.setdefault(name, []).append(value)
    return found


def _does_work(function: types.FunctionType, module: types.ModuleType) -> bool:
    return function.__module__.startswith("striate.cli.") and function.__module__ != module.__name__


def _listen(function: types.FunctionType, handed: list[tuple[str, Any]]) -> Callable[..., None]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]

    def take(*values: Any, **named: Any) -> None:
        for name, value in [*zip(names, values, strict=False), *named.items()]:
            handed.extend(_flatten(name, value))

    return take


def _flatten(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A value, or those in it, each by its name; what holds one value is that value."""
    if is_dataclass(value):
        for each in fields(value):
            yield from _flatten(each.name, getattr(value, each.name))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _flatten(key, each)
    else:
        yield name, list(value) if isinstance(value, tuple) else value


def check_command(module: types.ModuleType, command: str, apart: tuple[str, ...] = ()) -> None:
    """Hold that each option arrives once and whole, under its own name where there is one of that name.

    Flags, which all look alike, are given one at a time: each changes one thing alone; save those that stand `apart`.
    """
    options = [option for option in list_options(command) if option.name not in apart]
    needed = [option for option in options if option.is_argument]
    others = [option for option in options if not option.is_argument]
    valued = [option for option in others if not isinstance(option.value, bool)]
    whole, bare = call_with(module, command, needed + valued), call_with(module, command, needed)
    for option in needed + valued:
        places = [name for name, values in whole.items() for value in values if value == option.value]
        assert len(places) == 1, option
        assert option.name not in whole or places == [option.name], option
    for option in others:
        if option not in valued:
            alone = call_with(module, command, [*needed, option])
            (changed,) = (name for name in alone if alone[name] != bare[name])
            assert alone[changed] == [option.value], option
            assert bare[changed] == [option.before], option
            assert option.name not in alone or changed == option.name, option
