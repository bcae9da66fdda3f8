"""Why a module could not be traced: one line that says where, what was found, and what to do."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    UnsupportedFakeTensorException,
)

from striate.errors import InputError

TORCH = str(Path(torch.__file__).parent)
OWN = str(Path(__file__).parent)


def explain_failure(
    problem: Exception, module: nn.Module, path: str | None, feed: Mapping[str | int, Tensor]
) -> InputError:
    """Turn what the module's run raised into an InputError with a way out."""
    if isinstance(problem, InputError):
        return problem
    where = _name_place(module, path)
    if isinstance(problem, DataDependentOutputException | DynamicOutputShapeException):
        return InputError(
            f"{where}: found Python that depends on a tensor's values ({_find_line(problem)}), but a trace knows "
            "shapes alone. Measure the parts on either side of it, or let a flag choose the way instead of a value"
        )
    if isinstance(problem, UnsupportedFakeTensorException | NotImplementedError):
        return InputError(f"{where}: {_first_line(problem)}. Measure the parts on either side of it")
    if isinstance(problem, TypeError) and path in (None, "") and "argument" in str(problem):
        return InputError(f"{where}: {_list_arguments(module, feed)}")
    shapes = ", ".join(f"{'x'.join(map(str, tensor.shape))}" for tensor in feed.values())
    return InputError(
        f"{where}: {_first_line(problem)} ({_find_line(problem)}), with an input of {shapes} (batch first). "
        "Give the input that the module expects"
    )


def _name_place(module: nn.Module, path: str | None) -> str:
    kind = type(module).__name__
    if not path:
        return kind
    try:
        return f"{kind}.{path} ({type(module.get_submodule(path)).__name__})"
    except AttributeError:
        return f"{kind}.{path}"


def _list_arguments(module: nn.Module, feed: Mapping[str | int, Tensor]) -> str:
    """What forward asks for beside what it was given."""
    kind = type(module)
    wanted = [
        parameter.name + ("" if parameter.default is inspect.Parameter.empty else " (optional)")
        for parameter in list(inspect.signature(kind.forward).parameters.values())[1:]
    ]
    given = f"{len(feed)} input" + ("s" if len(feed) != 1 else "")
    names = [name.removesuffix(" (optional)") for name in wanted if "optional" not in name]
    example = ", ".join(f'"{name}": (3, 224, 224)' for name in names) or '"x": (3, 224, 224)'
    return (
        f"forward takes {', '.join(wanted) or 'nothing'}; found {given}. "
        f"Give each its shape by its keyword: input={{{example}}}"
    )


def _find_line(problem: Exception) -> str:
    """The user's own line that was running."""
    frames = traceback.extract_tb(problem.__traceback__)
    outside = [frame for frame in frames if not frame.filename.startswith((TORCH, OWN))]
    frame = outside[-1] if outside else frames[-1]
    line = (frame.line or "").strip()
    return f"{Path(frame.filename).name}:{frame.lineno}" + (f" `{line}`" if line else "")


def _first_line(problem: Exception) -> str:
    lines = str(problem).strip().splitlines()
    text = lines[0].strip().rstrip(".") if lines else ""
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__
