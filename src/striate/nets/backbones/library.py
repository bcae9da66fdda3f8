"""The libraries that backbones come from: found, or said clearly to be missing, broken, or without such a name."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterable
from typing import Any

from striate.errors import ShapeError

MOST_SAID = 160  # letters of a library's own message


def load_library(name: str) -> Any:
    """Import timm or torchvision.

    Raises:  ShapeError if it isn't installed, or doesn't load with this torch.
    """
    install = f"pip install 'striate[{name}]'"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as problem:
        missing = (problem.name or name).partition(".")[0]
        raise ShapeError(f"found no package `{missing}`, needed it. Install it: {install}") from None
    except Exception as problem:  # torchvision of another torch fails while it registers its operators
        import torch

        found = f"`{name}` is installed, but doesn't load with torch {torch.__version__} ({quote_problem(problem)})"
        raise ShapeError(f"{found}, needed the torchvision that was made for it. Install it: {install}") from None


def quote_problem(problem: BaseException) -> str:
    r"""Quote the first line of a library's message.

    >>> quote_problem(ValueError("too small.\nmore")), quote_problem(KeyError())
    ('too small', 'KeyError')
    """
    lines = str(problem).strip().splitlines()
    said = lines[0].strip().rstrip(".:") if lines else type(problem).__name__
    return said if len(said) <= MOST_SAID else f"{said[:MOST_SAID]}…"


def refuse_name(library: str, name: str, known: Iterable[str]) -> ShapeError:
    """Make the error for a name that the library doesn't have, with those nearest to it."""
    near = difflib.get_close_matches(name, list(known), n=3)
    hint = f"Did you mean {' or '.join(f'`{library}:{other}`' for other in near)}?" if near else "Check the name"
    return ShapeError(f"{library} has no such network, needed one that it has. {hint}")
