"""The weights alone: a plain state dict by torch.save, which `torch.load(weights_only=True)` reads."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.nets.export.exported import Facts
from striate.nets.export.subject import Subject


def write_state(subject: Subject, file: Path) -> Facts:
    """Write the state dict; tensors that share their numbers still share them when it is read."""
    torch.save(gather_state(subject.module), file)
    return Facts()


def gather_state(module: nn.Module) -> dict[str, Tensor]:
    """The state dict on the CPU, each tensor without the rest of a larger storage.

    Raises:  InputError for state that is no tensor.
    """
    state: dict[str, Tensor] = {}
    for key, value in module.state_dict().items():
        if not isinstance(value, Tensor):
            found = f"{type(module).__name__}.{key}: found {type(value).__name__} in its state, needed tensors alone"
            raise InputError(f"{found}. Keep it out of the state dict")
        plain = value.detach().cpu()
        is_part = plain.untyped_storage().nbytes() > plain.numel() * plain.element_size()
        state[key] = plain.clone(memory_format=torch.contiguous_format) if is_part else plain.contiguous()
    return state
