"""Modules by name, each from a file of the test's own; every way to fail is one line that says where."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from torch import nn

from striate.errors import InputError
from striate.verbs.modules import is_module_name, load_module

SOURCE = """
from torch import nn

print("noise")
ready = nn.ReLU()


class Small(nn.Module):
    layer = nn.Tanh()


class Sized(nn.Module):
    def __init__(self, width, *, depth, bias=True):
        super().__init__()


def make(width=3):
    print("more noise")
    return nn.Conv2d(1, width, 3)


def fail():
    raise ValueError("too small.\\nand more")


def leave():
    raise SystemExit(3)


def forget():
    make()


three = 3
"""
NUMBERS = itertools.count()
Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file that can be imported from the test's own folder; give its package's name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def write(source: str) -> str:
        name = f"drawn_module_{next(NUMBERS)}"
        Path(f"{name}.py").write_text(source, encoding="utf-8")
        return name

    return write


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [("ready", nn.ReLU), ("make", nn.Conv2d), ("Small.layer", nn.Tanh), ("nn.Identity", nn.Identity)],
)
def test_instances_classes_and_functions_become_modules(write: Write, attribute: str, kind: type) -> None:
    assert type(load_module(f"{write(SOURCE)}:{attribute}")) is kind


def test_an_instance_is_given_as_it_is(write: Write) -> None:
    name = write(SOURCE)
    module = load_module(f"{name}:ready")
    assert module is sys.modules[name].ready
    assert load_module(f"{name}:Small") is not load_module(f"{name}:Small")


def test_packages_are_named_with_dots(write: Write, tmp_path: Path) -> None:
    (tmp_path / "drawn_package").mkdir()
    (tmp_path / "drawn_package" / "inner.py").write_text(SOURCE)
    assert isinstance(load_module("drawn_package.inner:Small.layer"), nn.Tanh)


def test_noise_goes_to_stderr(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    load_module(f"{write(SOURCE)}:make")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "noise\nmore noise\n")


@pytest.mark.parametrize(
    ("attribute", "parts"),
    [
        ("mak", ["found no `mak`", "Did you mean `make`?"]),
        ("Small.layers.weight", ["found no `layers` in Small", "`layer`"]),
        ("three", ["found int", "torch.nn.Module"]),
        ("forget", ["gave nothing"]),
        ("Sized", ["needs arguments (width, depth)"]),
        ("fail", ["ValueError: too small (", ".py:23)"]),
        ("leave", ["SystemExit: 3", ".py:27)"]),
    ],
)
def test_what_is_no_module_is_one_line(write: Write, attribute: str, parts: list[str]) -> None:
    name = write(SOURCE)
    with pytest.raises(InputError) as caught:
        load_module(f"{name}:{attribute}")
    message = str(caught.value)
    assert message.startswith(f"{name}:{attribute}: ")
    assert "\n" not in message
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("\nx = (\n", ["SyntaxError: '(' was never closed (", ".py:2)"]),
        ("import math\n\nmath.sqrt(-1)\n", ["ValueError", ".py:3)"]),
        ("import sys\nsys.exit()\n", ["SystemExit", ".py:2)"]),
        ("import nosuchpackage_\n", ["nosuchpackage_", ".py:1)", "Install `nosuchpackage_`"]),
        ("from math import nosuch\n", ["ImportError", "nosuch", ".py:1)"]),
    ],
)
def test_a_file_that_fails_is_named_with_its_line(write: Write, source: str, parts: list[str]) -> None:
    name = write(source)
    with pytest.raises(InputError) as caught:
        load_module(f"{name}:model")
    message = str(caught.value)
    assert "\n" not in message
    assert all(part in message for part in [name, *parts]), message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("nosuchpackage_:model", "`nosuchpackage_`. Run it from the folder that holds it"),
        ("striate.nosuch:model", "`striate.nosuch`. Check the name"),
        ("model.py:Net", "Leave out the `.py`"),
    ],
)
def test_a_package_that_is_not_there_is_named(write: Write, text: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        load_module(text)
    assert hint in str(caught.value)


@pytest.mark.parametrize("text", ["a:b", "a.b.c:d.e", "model.py:Net", "größe:netz"])
def test_names_of_modules_are_known(text: str) -> None:
    assert is_module_name(text)


@pytest.mark.parametrize("text", ["resnet18", "conv3-8 pad=0:1", "a/b.net", "c:\\a.net", "a:", ":b", "1a:b", "a::b"])
def test_names_of_networks_are_not_names_of_modules(text: str) -> None:
    assert not is_module_name(text)
