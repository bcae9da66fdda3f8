"""What to feed: shapes, or tensors, become stand-ins of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.measure.standin import make_stand_in

Shape: TypeAlias = "tuple[int, ...]"
Given: TypeAlias = "Sequence[int] | Tensor | Sequence[Shape | Tensor] | Mapping[str, Shape | Tensor]"


def name_inputs(given: Given) -> dict[str | int, Shape | Tensor]:
    """Sort what was given: one shape, several, or some by keyword; places count from 0.

    Raises:  InputError for anything else.

    >>> name_inputs((3, 224, 224))
    {0: (3, 224, 224)}
    >>> name_inputs([(3, 8, 8), (10,)])
    {0: (3, 8, 8), 1: (10,)}
    """
    found: Any = given  # anything may come from outside
    named: dict[str | int, Any] = {0: found}
    if isinstance(found, Mapping):
        named = dict(found)
    elif isinstance(found, list | tuple) and not all(isinstance(number, int) for number in found):
        named = dict(enumerate(found))
    for key, value in named.items():
        _check(key, value)
    return named


def _check(key: str | int, value: Any) -> None:
    if isinstance(value, Tensor):
        return
    plain = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    if not (plain and all(isinstance(cells, int) and not isinstance(cells, bool) and cells > 0 for cells in value)):
        where = f"input {key}" if key != 0 else "input"
        raise InputError(
            f"{where}: found {value!r}, needed channels x extents without the batch, such as (3, 224, 224), or a "
            "tensor. Give several as a list, and keyword inputs as a dict"
        )


def find_type(module: nn.Module) -> torch.dtype:
    """The type that an input should have: that of the first parameter, or buffer, that counts in floats."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.dtype.is_floating_point or tensor.dtype.is_complex:
            return tensor.dtype
    return torch.float32


def find_device(module: nn.Module) -> torch.device:
    """Where the module lives; a module on the meta device, or without tensors, is measured for the CPU."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.device.type != "meta":
            return tensor.device
    return torch.device("cpu")


def make_inputs(
    named: Mapping[str | int, Shape | Tensor], batch: int, dtype: torch.dtype, device: torch.device
) -> dict[str | int, Tensor]:
    """Make the stand-ins: `batch` rows of each shape; a given tensor keeps its own shape and type.

    Cost:  no memory under a fake mode.
    """
    return {
        key: make_stand_in(value, device)
        if isinstance(value, Tensor)
        else torch.empty((batch, *value), dtype=dtype, device=device)
        for key, value in named.items()
    }
