"""A module of the user's own, by the name of its package and of its attribute: `package.module:attribute`."""

from __future__ import annotations

import difflib
import importlib
import re
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.nets import is_backbone

if TYPE_CHECKING:
    from torch import nn

NAMED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")
OWN = str(Path(__file__).parent)
IMPORTS = str(Path(importlib.__file__).parent)


def is_module_name(text: str) -> bool:
    """Whether a text is written as `package.module:attribute`; a backbone such as `timm:resnet18` is none.

    >>> is_module_name("torchvision.models:resnet18"), is_module_name("torchvision:resnet18")
    (True, False)
    """
    return NAMED.fullmatch(text) is not None and not is_backbone(text)


def load_module(text: str) -> nn.Module:
    """Load a module: an instance as it is; a class, or a function, is called without arguments.

    The current folder comes first on Python's path, and stays there as with `python -m`: a module may import more when
    it runs. What it prints goes to stderr.

    Raises:  InputError, in one line, where there is no such thing, or its code fails.

    >>> load_module("torch.nn:Identity")
    Identity()
    """
    package, _, attribute = text.partition(":")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()
    with redirect_stdout(sys.stderr):
        return _make(_find(_import(package, text), attribute, text), text)


def _import(package: str, text: str) -> ModuleType:
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as problem:
        missing = problem.name or ""
        if package == missing or package.startswith(f"{missing}."):
            raise InputError(f"{text}: found no package `{missing}`. {_advise(package)}") from None
        raise InputError(f"{text}: {_say_failure(problem, 'importing')}. Install `{missing}`") from None
    except (Exception, SystemExit) as problem:
        raise InputError(f"{text}: {_say_failure(problem, 'importing')}. Mend it there") from None


def _advise(package: str) -> str:
    """A way out, where a package isn't there."""
    if package.endswith(".py"):
        return f"Leave out the `.py`: {package.removesuffix('.py')}:..."
    if not isinstance(sys.modules.get(package.partition(".")[0]), ModuleType):
        return "Run it from the folder that holds it, or install it"
    return "Check the name"


def _find(package: ModuleType, attribute: str, text: str) -> Any:
    found: Any = package
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            near = difflib.get_close_matches(name, dir(found), n=1)
            hint = f"Did you mean `{near[0]}`?" if near else "Check the name"
            where = getattr(found, "__name__", type(found).__name__)
            raise InputError(f"{text}: found no `{name}` in {where}. {hint}") from None
    return found


def _make(found: Any, text: str) -> nn.Module:
    """The module itself, or what a class or a function gives."""
    from torch import nn

    if isinstance(found, nn.Module):
        return found
    if not callable(found):
        raise InputError(f"{text}: found {_name_kind(found)}, needed a torch.nn.Module. Name one, or what makes one")
    needed = _list_needed(found)
    if needed:
        raise InputError(
            f"{text}: needs {'arguments' if len(needed) > 1 else 'an argument'} ({', '.join(needed)}), which can't be "
            "given here. Write a function without arguments that returns the module, and name that"
        )
    try:
        made = found()
    except (Exception, SystemExit) as problem:
        raise InputError(f"{text}: {_say_failure(problem, 'making it')}. Mend it there") from None
    if not isinstance(made, nn.Module):
        raise InputError(f"{text}: gave {_name_kind(made)}, needed a torch.nn.Module. Let it return one")
    return made


def _list_needed(function: Any) -> list[str]:
    """The arguments without a default; none where Python can't tell."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in optional]


def _name_kind(found: Any) -> str:
    return "nothing" if found is None else type(found).__name__


def _say_failure(problem: BaseException, doing: str) -> str:
    """What the user's code raised, and where."""
    if isinstance(problem, SyntaxError):
        place = f"{problem.filename}:{problem.lineno}"
    else:
        frames = [
            frame
            for frame in traceback.extract_tb(problem.__traceback__)
            if not frame.filename.startswith((OWN, IMPORTS, "<frozen"))
        ]
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an extension"
    lines = str(getattr(problem, "msg", problem)).strip().splitlines()
    said = f": {lines[0].rstrip('.')}" if lines else ""
    return f"{doing} raised {type(problem).__name__}{said} ({place})"
