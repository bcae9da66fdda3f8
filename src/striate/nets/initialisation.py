"""How weights begin: drawn for the activation that follows, as the field does."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

# He et al. 2015 (arXiv:1502.01852, eq. 10) for units that are silent on one side; Glorot and Bengio 2010 (eq. 16) for the rest.
ONE_SIDED = frozenset({"relu", "relu6", "gelu", "silu"})


def initialise(layers: Iterable[tuple[nn.Module, str | None]], seed: int) -> None:
    """Fill the parameters of these layers in place, each with the activation that follows it.

    Matrices and kernels: He normal (fan in) before relu and its kin, else Glorot uniform. Biases 0, norms 1 and 0.
    Cost:    one pass over the parameters; torch's own random state is not touched.
    """
    generator = torch.Generator().manual_seed(seed)
    for layer, activation in layers:
        if not any(parameter.ndim > 1 for parameter in layer.parameters(recurse=False)):
            _reset(layer)
            continue
        for parameter in layer.parameters(recurse=False):
            if parameter.ndim == 1:
                nn.init.zeros_(parameter)
            else:
                _draw(parameter, activation, generator, transposed=bool(getattr(layer, "transposed", False)))


def _reset(layer: nn.Module) -> None:
    """Norms begin as the identity; their own reset says so and draws nothing."""
    if hasattr(layer, "reset_parameters"):
        layer.reset_parameters()


def _draw(weight: nn.Parameter, activation: str | None, generator: torch.Generator, *, transposed: bool) -> None:
    on_cpu = torch.empty_like(weight, device="cpu")
    if activation not in ONE_SIDED:
        nn.init.xavier_uniform_(on_cpu, generator=generator)
    else:
        # A transposed kernel is stored [in, out, ...]: torch's fan out is its fan in.
        nn.init.kaiming_normal_(on_cpu, mode="fan_out" if transposed else "fan_in", nonlinearity="relu", generator=generator)
    with torch.no_grad():
        weight.copy_(on_cpu)
