"""A package imports from lower floors only (DESIGN's house), and a light package loads nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import striate.errors

SOURCE = Path(striate.errors.__file__).parent
TOP = 9
FLOORS = {
    "errors": 1,
    "version": 1,
    "launch": 2,
    "arithmetic": 2,
    "data": 2,
    "layers": 3,
    "measure": 3,
    "engine": 3,
    "page": 3,
    "train": 4,
    "nets": 4,
    "explain": 4,
    "locate": 4,
    "auto": 5,
    "report": 5,
    "verbs": 6,
    "studio": 7,
    "cli": 8,
    "__init__": TOP,
    "__main__": TOP,
}
HEAVY = ("torch", "matplotlib", "sklearn", "scipy", "starlette", "numpy")


def find_imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Line and name of every `striate` module that is imported, at any depth, also relatively; `package` is its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            around = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*around, *([node.module] if node.module else [])])
            if module == "striate":
                yield from ((node.lineno, f"striate.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def check_floors(source: str, path: str) -> list[str]:
    """One line for every import in this file (a path below the package) that doesn't go down."""
    parts = path.removesuffix(".py").split("/")
    own = parts[0]
    if own not in FLOORS:
        return [f"{path}: `{own}` has no floor. Give it one in FLOORS"]
    found = []
    for line, name in find_imports(ast.parse(source), ".".join(["striate", *parts[:-1]])):
        if name != "striate" and not name.startswith("striate."):
            continue
        other = name.split(".")[1] if "." in name else "__init__"
        if other.startswith("__") and other != "__main__":  # an attribute of the package itself
            other = "__init__"
        if other == own:
            continue
        if other not in FLOORS:
            found.append(f"{path}:{line}: imports {name}, and `{other}` has no floor. Give it one in FLOORS")
        elif FLOORS[other] >= FLOORS[own]:
            floors = f"floor {FLOORS[own]} imports floor {FLOORS[other]}"
            found.append(f"{path}:{line}: imports {name}: {floors}, needed a lower one. Move the code down or up")
    return found


def test_every_import_goes_down() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert len(files) > 20
    found = [
        line
        for file in files
        for line in check_floors(file.read_text(encoding="utf-8"), file.relative_to(SOURCE).as_posix())
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source", "line"),
    [
        ("data/folder.py", "from striate.nets import parse", 1),
        ("data/folder.py", "import os\n\ndef f():\n    import striate.train.loop as loop", 4),
        ("nets/build.py", "from striate.train import fit", 1),
        ("nets/build.py", "from striate import verbs", 1),
        ("nets/build.py", "import striate", 1),
        ("nets/build.py", "from striate import __version__", 1),
        ("nets/words/word.py", "from ...verbs import read", 1),
        ("layers/norm.py", "if True:\n    from ..measure.trace import trace", 2),
        ("arithmetic/field.py", "from striate.data import load", 1),
        ("errors.py", "from striate.arithmetic import Pair", 1),
        ("attic/old.py", "import os", None),
        ("nets/build.py", "import striate.attic.old", 1),
        ("verbs.py", "from striate.cli import main", 1),
    ],
)
def test_a_violation_is_caught(path: str, source: str, line: int | None) -> None:
    (found,) = check_floors(source, path)
    assert found.startswith(f"{path}:{line}: imports striate" if line else f"{path}: `attic` has no floor")


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("nets/build.py", "import torch\nfrom striate.layers import Add\nfrom striate.errors import InputError"),
        ("nets/words/word.py", "from striate.nets.tree import Net\nfrom ..tree import Net\nfrom . import word"),
        ("cli/__init__.py", "from striate import verbs"),
        ("__main__.py", "from striate.cli import main"),
        ("__init__.py", "from striate.verbs import read"),
        ("data/load.py", "import striated"),
    ],
)
def test_downward_is_fine(path: str, source: str) -> None:
    assert check_floors(source, path) == []


@pytest.mark.parametrize("module", ["striate", "striate.nets", "striate.arithmetic", "striate.errors"])
def test_importing_is_light(module: str) -> None:
    code = f"import {module}, sys; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
