"""Recipes with a name, one file each: what `--recipe NAME` asks for. A new one is a file, its test, and a line here."""

from collections.abc import Callable

from striate.auto.recipes.fast import make_fast
from striate.auto.recipes.muon import make_muon
from striate.auto.recipes.quick import make_quick
from striate.auto.recipes.subject import Layers, Named, Subject

RECIPES: dict[str, Callable[[Subject], Named]] = {"fast": make_fast, "muon": make_muon, "quick": make_quick}

__all__ = ["RECIPES", "Layers", "Named", "Subject"]
