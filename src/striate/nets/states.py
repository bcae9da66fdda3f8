"""State dicts from anywhere: a dict, a safetensors file, or what torch.save wrote; no pickle is ever run."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

import safetensors
import torch
from safetensors.torch import load_file
from torch import Tensor

from striate.errors import InputError

NESTS = ("state_dict", "model_state_dict", "model", "params_ema")  # under one of these a checkpoint keeps its weights
WRAPPERS = ("module.", "_orig_mod.")  # what DataParallel and torch.compile put before each name
_NEEDED = "needed a state dict: names and tensors"


@dataclass(frozen=True)
class State:
    """Tensors by name; `ordered` tells whether they lie in the order of the network that they come from."""

    where: str
    tensors: dict[str, Tensor]
    ordered: bool = True


def read_state(source: object) -> State:
    """Read a state dict from a dict or a file; a checkpoint that holds one under a usual name will do.

    Raises:  InputError, in one line, where there is no such file, it is damaged, or it holds anything but tensors.

    >>> read_state({"epoch": 3, "state_dict": {"module.weight": torch.zeros(2)}}).tensors
    {'weight': tensor([0., 0.])}
    """
    if isinstance(source, Mapping):
        return _make_state("state", source)
    if not isinstance(source, str | PathLike):
        found = f"state: found {type(source).__name__}"
        raise InputError(f"{found}, {_NEEDED}, or its file. Give module.state_dict()")
    path = Path(fspath(source))
    start = _read_start(path)
    if path.suffix == ".safetensors" or start[8:] == b"{":  # eight bytes of the header's length, then its brace
        return _make_state(str(path), _load_safetensors(path), ordered=False)
    return _make_state(str(path), _load_checkpoint(path, start))


def unwrap(names: list[str]) -> list[str]:
    """Names without the wrapper that all of them have.

    >>> unwrap(["_orig_mod.module.conv1.weight", "_orig_mod.module.fc.bias"])
    ['conv1.weight', 'fc.bias']
    """
    while names and (wrapper := next((each for each in WRAPPERS if names[0].startswith(each)), None)):
        if not all(name.startswith(wrapper) for name in names):
            break
        names = [name.removeprefix(wrapper) for name in names]
    return names


def _make_state(where: str, found: object, *, ordered: bool = True) -> State:
    tensors = _find_nested(found)
    if not isinstance(tensors, Mapping):
        raise InputError(f"{where}: found {type(tensors).__name__}, {_NEEDED}. Save module.state_dict()")
    for name, value in tensors.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            entry = f"`{name}`: {type(value).__name__}" if isinstance(name, str) else f"{name!r} in place of a name"
            raise InputError(f"{where}: found {entry}, {_NEEDED}. Give the dict that holds these alone")
    return State(where, dict(zip(unwrap(list(tensors)), tensors.values(), strict=True)), ordered)


def _find_nested(found: object) -> object:
    """The state dict within a checkpoint; four nests deep at most, which ends where a dict holds itself."""
    for _ in NESTS:
        inner = [found[name] for name in NESTS if isinstance(found, Mapping) and isinstance(found.get(name), Mapping)]
        if not inner:
            break
        found = inner[0]
    return found


def _read_start(path: Path) -> bytes:
    """The first nine bytes.

    Raises:  InputError where the file can't be read at all.
    """
    try:
        with path.open("rb") as file:
            return file.read(9)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise InputError(f"{path}: {reason}, needed a file of weights. Check the path") from None


def _load_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (safetensors.SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        reason = _shorten(problem)
        raise InputError(f"{path}: damaged ({reason}), needed a safetensors file. Copy or write it anew") from None


def _load_checkpoint(path: Path, start: bytes) -> object:
    """What torch.save wrote: a zip archive today, a bare pickle long ago; of either only the tensors are taken."""
    needed = "needed a safetensors file, or one that torch.load(weights_only=True) reads"
    if not start.startswith((b"PK", b"\x80")):
        raise InputError(f"{path}: found no file of weights, {needed}. Check the path")
    try:
        with warnings.catch_warnings():  # torch warns of a pickle's protocol, and then reads it or fails
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as problem:  # bytes that are no checkpoint end in errors of any kind
        if refused := re.search(r"GLOBAL ([\w.]+)", str(problem)):
            found = f"found a pickle that asks for `{refused[1]}`"
            raise InputError(f"{path}: {found}, needed tensors alone. Save module.state_dict() instead") from None
        raise InputError(
            f"{path}: no state dict, or damaged ({_shorten(problem)}), {needed}. Copy or write it anew"
        ) from None


def _shorten(problem: Exception) -> str:
    """An error's first sentence; of torch's, what went wrong and not its advice to run the pickle."""
    text = str(problem)
    if "Weights only load failed" in text:
        inner = re.search(r"WeightsUnpickler error: (.+)", text)
        text = inner[1] if inner else "no pickle of tensors"
    lines = text.strip().splitlines()
    return lines[0].partition(". ")[0].rstrip(" .:") if lines else type(problem).__name__
