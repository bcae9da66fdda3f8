"""How weights begin: drawn for the activation that follows, as the field does.

He et al. 2015 (arXiv:1502.01852, eq. 10) for units that are silent on one side; Glorot and Bengio 2010 (eq. 16) for the
rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

ONE_SIDED = frozenset({"relu", "relu6", "gelu", "silu"})


def initialise(layers: Iterable[tuple[nn.Module, str | None]], seed: int) -> None:
    """Fill the parameters of these layers in place, each with the activation that follows it.

    Matrices and kernels: He normal (fan in) before relu and its kin, else Glorot uniform. Biases 0. What scales each
    channel by itself: 1, or the layer's own `initial`.
    Cost:    one pass over the parameters; torch's own random state is not touched.
    """
    generator = torch.Generator().manual_seed(seed)
    for layer, activation in layers:
        for part in layer.modules():
            _initialise_part(part, activation, generator)


def _initialise_part(part: nn.Module, activation: str | None, generator: torch.Generator) -> None:
    own = dict(part.named_parameters(recurse=False))
    scales = all(parameter.ndim == 1 for parameter in own.values())
    if scales and callable(reset := getattr(part, "reset_running_stats", None)):
        reset()
    for name, parameter in own.items():
        if name == "bias":
            nn.init.zeros_(parameter)
        elif scales:
            nn.init.constant_(parameter, float(getattr(part, "initial", 1.0)))
        else:
            _copy(parameter, _draw(parameter.shape, count_fans(part, parameter.shape), activation, generator))


def count_fans(layer: nn.Module, shape: torch.Size) -> tuple[int, int]:
    """How many inputs one output sums, and how many outputs one input feeds; within its group.

    A layer whose weights lie otherwise says them itself, as `fans`. A transposed kernel is stored [in, out, ...], and
    its overlap is not counted: as if the stride were 1.

    >>> count_fans(nn.Conv2d(4, 8, 3, groups=2), torch.Size((8, 2, 3, 3)))
    (18, 36)
    """
    if (fans := getattr(layer, "fans", None)) is not None:
        return (int(fans[0]), int(fans[1]))
    taps = math.prod(shape[2:])
    near, far = shape[1] * taps, shape[0] // int(getattr(layer, "groups", 1)) * taps
    return (far, near) if getattr(layer, "transposed", False) else (near, far)


def _draw(shape: torch.Size, fans: tuple[int, int], activation: str | None, generator: torch.Generator) -> Tensor:
    if activation in ONE_SIDED:
        return torch.empty(shape).normal_(0, math.sqrt(2 / fans[0]), generator=generator)
    bound = math.sqrt(6 / sum(fans))
    return torch.empty(shape).uniform_(-bound, bound, generator=generator)


def _copy(parameter: nn.Parameter, values: Tensor) -> None:
    with torch.no_grad():
        parameter.copy_(values)
