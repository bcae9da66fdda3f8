"""A view's styles stay when another view is shown, so none may reach into another view by a class of the same name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from striate.studio.assets import read_assets

QUESTION = ("questions", "confused", "predicted", "explanations", "explored", "measured", "reported", "taken")
VIEWS = {
    "editor.css": ("editor",),
    "cells.css": ("cells",),
    "training.css": ("training",),
    "questions.css": QUESTION,
    "explanations.css": QUESTION,
}
SHARED = {("editor.css", "totals")}  # measured.js loads the Write view's styles for its table
MADE = re.compile(
    r'make\(\s*"\w+",\s*(?:"[^"]*"|`[^`]*`|[^,"`]+), "([\w -]+)"\)|className[=:] "([\w -]+)"|className = "([\w -]+)"'
)


def read(name: str) -> str:
    return read_assets()[name].content.decode()


def gather(firsts: Sequence[str]) -> set[str]:
    """A view's modules: those that its first ones import, and so on."""
    found: set[str] = set()
    todo = [f"{first}.js" for first in firsts]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += re.findall(r'from "\./(\w+\.js)"', read(name))
    return found


def list_heads(sheet: str) -> set[str]:
    """The classes that begin a selector, and so are meant wherever they stand."""
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", read(sheet), flags=re.S))
    heads = [re.match(r"\s*\.([\w-]+)", part) for each in selectors for part in each.split(",")]
    return {head[1] for head in heads if head}


@pytest.mark.parametrize("sheet", VIEWS)
def test_no_view_styles_what_another_makes(sheet: str) -> None:
    own = gather(VIEWS[sheet])
    others = {name for firsts in VIEWS.values() for name in gather(firsts)} - own
    heads = {head for head in list_heads(sheet) if (sheet, head) not in SHARED}
    assert len(heads) > 5
    for name in sorted(others):
        made = {word for groups in MADE.findall(read(name)) for word in " ".join(groups).split()}
        assert not heads & made, name
