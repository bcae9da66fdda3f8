"""Why a module couldn't be taken away: one line that says what was found and what to do instead."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import torch
from torch import Tensor, nn

from striate.errors import InputError

TORCH = str(Path(torch.__file__).parent)
OWN = str(Path(__file__).parent)
STATE = "Export the weights alone, as .safetensors"


def explain_forward(
    problem: Exception, module: nn.Module, feed: tuple[tuple[Tensor, ...], dict[str, Tensor]]
) -> InputError:
    """The module itself refuses the input."""
    if isinstance(problem, InputError):
        return problem
    arguments, keywords = feed
    shapes = [_write(tensor) for tensor in arguments] + [f"{name} {_write(value)}" for name, value in keywords.items()]
    return InputError(
        f"{type(module).__name__}: {_say(problem)} ({_find_line(problem)}), with an input of {', '.join(shapes)} "
        "(batch first). Give the input that the module expects"
    )


def explain_export(problem: Exception, module: nn.Module) -> InputError:
    """The module runs, and torch.export can't follow it."""
    if isinstance(problem, InputError):
        return problem
    name, said = type(module).__name__, str(problem)
    if "data-dependent" in said:
        found = f"found Python that asks for a tensor's values ({_find_line(problem)}), but a graph knows shapes alone"
        return InputError(f"{name}: {found}. Let a flag choose the way instead of a value. {STATE}")
    if re.search(r"Constraints violated|must match the size", said):
        return InputError(
            f"{name}: {_say(problem)}; found code that fixes the batch, needed one that runs with any. Take the batch "
            f"from x.shape[0], or write -1. {STATE}"
        )
    return InputError(f"{name}: torch.export can't follow it: {_say(problem)} ({_find_line(problem)}). {STATE}")


def explain_conversion(problem: BaseException, module: nn.Module) -> InputError:
    """There is a program, and torch.onnx can't write it."""
    while problem.__cause__ is not None:
        problem = problem.__cause__
    missing = re.search(r"op='([\w.]+)'", str(problem))
    why = f"ONNX has no `{missing[1]}`" if missing else f"torch.onnx can't write it: {_say(problem)}"
    return InputError(f"{type(module).__name__}: {why}. Export a program, as .pt2")


def _write(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape))


def _say(problem: BaseException) -> str:
    lines = [line.strip().rstrip(".") for line in str(problem).strip().splitlines()]
    text = re.sub(r"\x1b\[\d+m", "", lines[0]).split("! For more")[0] if lines else ""
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__


def _find_line(problem: BaseException) -> str:
    """The user's own line that was running."""
    frames = traceback.extract_tb(problem.__traceback__)
    outside = [frame for frame in frames if not frame.filename.startswith((TORCH, OWN, "<"))]
    if not outside:
        return "in torch"
    line = (outside[-1].line or "").strip()
    return f"{Path(outside[-1].filename).name}:{outside[-1].lineno}" + (f" `{line}`" if line else "")
