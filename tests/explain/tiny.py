"""Small networks over any number of axes up to three, and all that may not change about a module."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

CONVS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
GAPS = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}
NORMS = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
EXTENT = 9
CLASSES = 4


def make_body(axes: int, channels: int, width: int = 6) -> nn.Sequential:
    """Two convolutions, the second of which halves the extents; the last module is a ReLU."""
    conv, norm = CONVS[axes], NORMS[axes]
    return nn.Sequential(
        conv(channels, width, 3, padding=1), norm(width), nn.ReLU(), conv(width, width, 3, 2, padding=1), nn.ReLU()
    )


def make_tiny(axes: int, channels: int = 1, seed: int = 0, width: int = 6) -> nn.Sequential:
    """A body, the mean over all places, and a linear layer: every method can explain it."""
    torch.manual_seed(seed)
    return nn.Sequential(*make_body(axes, channels, width), GAPS[axes](1), nn.Flatten(), nn.Linear(width, CLASSES))


def draw_inputs(axes: int, channels: int = 1, batch: int = 2, extent: int = EXTENT) -> Tensor:
    return torch.randn(batch, channels, *[extent] * axes, generator=torch.Generator().manual_seed(1))


def take_state(module: nn.Module) -> list[Any]:
    """All that explaining may not change, as plain values and identities of objects."""
    parts = list(module.modules())
    dictionaries = [
        (name, [(key, id(value)) for key, value in held.items()])
        for part in parts
        for name, held in vars(part).items()
        if isinstance(held, dict)
    ]
    parameters = list(module.parameters())
    return [
        [(name, read_bits(tensor)) for name, tensor in module.state_dict().items()],
        [part.training for part in parts],
        [sorted(vars(part)) for part in parts],
        [sorted(part._non_persistent_buffers_set) for part in parts],
        dictionaries,
        [(id(one.grad), None if one.grad is None else read_bits(one.grad)) for one in parameters],
        [one.requires_grad for one in parameters],
        *take_randomness(),
        torch.is_grad_enabled(),
    ]


def take_randomness() -> list[Any]:
    """The states of all random numbers of the process."""
    return [read_bits(torch.get_rng_state()), random.getstate(), repr(np.random.get_state(legacy=False))]


def read_bits(tensor: Tensor) -> bytes:
    return tensor.detach().contiguous().numpy().tobytes()
