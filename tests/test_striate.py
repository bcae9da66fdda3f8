"""The package itself: light to import, its verbs all there, each with its errors named."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import striate
from striate.errors import InputError

VERBS = [name for name in striate.__all__ if inspect.isfunction(getattr(striate, name))]
HEAVY = {
    "torch",
    "numpy",
    "scipy",
    "sklearn",
    "PIL",
    "matplotlib",
    "jinja2",
    "lark",
    "rich",
    "typer",
    "safetensors",
    "pooch",
    "filelock",
    "platformdirs",
}


def ask(code: str) -> Any:
    """What a fresh interpreter prints as JSON at the end."""
    environment = {**os.environ, "PYTHONPATH": str(Path(striate.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_importing_is_light_and_changes_nothing() -> None:
    loaded, changed = ask(
        "import json, os, signal, sys, warnings\n"
        "def look(): return [dict(os.environ), warnings.filters[:], signal.getsignal(signal.SIGINT), sys.path[:]]\n"
        "before = look()\n"
        "import striate\n"
        "print(json.dumps([sorted(sys.modules), look() != before]))"
    )
    assert "striate" in loaded
    assert HEAVY.isdisjoint(loaded)
    assert not changed


@pytest.mark.parametrize("arguments", [["--version"], ["nets"], ["show", "lenet5"], ["train", "--help"], ["nosuch"]])
def test_commands_that_need_no_torch_load_none(arguments: list[str]) -> None:
    loaded = ask(
        "import json, sys\nfrom striate.cli.main import run_command\n"
        f"run_command({arguments!r})\nprint(json.dumps(sorted(sys.modules)))"
    )
    assert "striate.cli.main" in loaded
    assert {"torch", "numpy"}.isdisjoint(loaded)


def test_a_verb_stays_a_verb_when_its_floor_is_imported() -> None:
    assert ask(
        "import json\n"
        "import striate, striate.train.recipe, striate.report.page, striate.measure.trace\n"
        "from striate.train import fit\n"
        "from striate.measure import Table\n"
        "from striate.report import write_report\n"
        "from striate import measure, train, report\n"
        "import striate.verbs as verbs\n"
        "print(json.dumps([striate.train is verbs.train is train, striate.report is verbs.report is report,\n"
        "    striate.measure is verbs.measure is measure, fit.__module__, write_report.__module__, Table.__module__]))"
    ) == [True, True, True, "striate.train.loop", "striate.report.page", "striate.measure.table"]


def test_a_verb_stays_a_verb_whichever_came_first() -> None:
    assert ask(
        "import json\nimport striate.train.recipe\nimport striate\nfirst = striate.train\n"
        "from striate.train.recipe import Recipe\nimport striate.verbs\n"
        "print(json.dumps([callable(first), first is striate.train is striate.verbs.train, Recipe.__name__]))"
    ) == [True, True, "Recipe"]


def test_every_name_is_there_and_listed() -> None:
    assert dir(striate) == sorted(striate.__all__)
    assert all(getattr(striate, name) is not None for name in striate.__all__)
    assert set(VERBS) == {
        "adopt",
        "build",
        "evaluate",
        "explain",
        "explore",
        "export",
        "filter",
        "fully_connected",
        "fully_convolutional",
        "generate",
        "invert",
        "load",
        "locate",
        "matrix",
        "measure",
        "predict",
        "read",
        "report",
        "restore",
        "resume",
        "segment",
        "spell",
        "timeline",
        "train",
    }
    verbs = importlib.import_module("striate.verbs")
    assert all(getattr(striate, name) is getattr(verbs, name) for name in verbs.__all__)
    assert set(verbs.__all__) <= set(striate.__all__)


def test_what_type_checkers_see_is_what_there_is() -> None:
    tree = ast.parse(Path(striate.__file__).read_text())
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    imported = {name.name for node in guarded.body if isinstance(node, ast.ImportFrom) for name in node.names}
    assert imported == set(importlib.import_module("striate.verbs").__all__)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_what_it_does_and_what_it_raises(verb: str) -> None:
    text = inspect.getdoc(getattr(striate, verb)) or ""
    assert text.splitlines()[0].endswith((".", ":"))
    assert "\nRaises:" in text


def test_other_names_are_an_error_that_names_them() -> None:
    with pytest.raises(AttributeError, match=r"striate.*nosuch"):
        _ = striate.nosuch


def test_what_users_get_wrong_is_one_kind_of_error() -> None:
    assert issubclass(striate.NotationError, InputError)
    with pytest.raises(striate.InputError):
        striate.read("nosuch")
