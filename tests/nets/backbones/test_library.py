from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from striate.errors import ShapeError
from striate.nets.backbones.library import MOST_SAID, load_library, quote_problem, refuse_name


class Broken:
    """A finder of a package that fails while it is imported, as torchvision beside another torch does."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "torchvision":
            raise RuntimeError("operator torchvision::nms does not exist\nand more")
        return None


@pytest.mark.parametrize("name", ["timm", "torchvision"])
def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, name, None)  # how Python notes that there is no such module
    with pytest.raises(ShapeError, match=rf"found no package `{name}`.*pip install 'striate\[{name}\]'"):
        load_library(name)


def test_a_library_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    said = r"`torchvision` is installed, but doesn't load with torch \d.*\(operator torchvision::nms does not exist\)"
    with pytest.raises(ShapeError, match=said) as caught:
        load_library("torchvision")
    assert "\n" not in str(caught.value)


def test_a_librarys_message_is_cut_to_one_short_line() -> None:
    assert len(quote_problem(ValueError("x" * 1000))) == MOST_SAID + 1


def test_near_names_are_shown() -> None:
    assert "Did you mean `timm:resnet18`?" in str(refuse_name("timm", "resnet81", ["resnet18", "vgg11"]))
    assert "Check the name" in str(refuse_name("timm", "q", ["resnet18"]))
