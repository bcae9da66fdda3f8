"""Random directions in the space of a network's weights, each filter as long as the weights' own.

A rectified network computes the same with one layer's weights doubled and the next one's halved, so that a step of a
given length means another thing in each. Scaled filter by filter, directions of different networks compare.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvTransposeNd
from torch.nn.modules.instancenorm import _InstanceNorm

from striate.layers.local import LocalConv
from striate.layers.table import TableConv

Direction = Mapping[str, Tensor]
"""By a parameter's name what is added to it; those that stay, biases and norms' parameters, are left out."""
NORMS = (_BatchNorm, _InstanceNorm, nn.LayerNorm, nn.GroupNorm)


class Moved(nn.Module):
    """A module some way along directions, in a pass of its own: its parameters are not written."""

    def __init__(self, module: nn.Module, directions: tuple[Direction, ...], ways: tuple[float, ...]) -> None:
        """Add `ways[i]` times `directions[i]` to the parameters."""
        super().__init__()
        self.module = module
        self.state: dict[str, Tensor] = {}
        for name, parameter in module.named_parameters():
            for direction, way in zip(directions, ways, strict=True):
                if name in direction:
                    self.state[name] = self.state.get(name, parameter.detach()) + way * direction[name]

    def forward(self, *inputs: Tensor) -> object:
        """Run the module with the moved parameters in the place of its own."""
        return functional_call(self.module, self.state, inputs)


def draw_direction(module: nn.Module, generator: torch.Generator) -> dict[str, Tensor]:
    """Draw a direction at random, each of whose filters has the length of the weights' filter.

    A filter is what makes one cell of an output: of a convolution the weights of one output channel, of a linear layer
    a row. Biases, and the parameters of norms, do not move.

    Source:  Li, Xu, Taylor, Studer, Goldstein 2018, "Visualizing the loss landscape of neural nets", sec. 4.

    >>> module = nn.Linear(3, 2)
    >>> direction = draw_direction(module, torch.Generator().manual_seed(0))
    >>> list(direction), torch.allclose(direction["weight"].norm(dim=1), module.weight.norm(dim=1))
    (['weight'], True)
    """
    direction = {}
    for name, parameter in module.named_parameters():
        path, _, last = name.rpartition(".")
        owner = module.get_submodule(path)
        if parameter.ndim > 1 and last != "bias" and not isinstance(owner, NORMS):
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            scale = measure_filters(owner, parameter.detach().cpu().double()) / measure_filters(owner, noise)
            direction[name] = (noise * scale).to(parameter)
    return direction


def measure_filters(owner: nn.Module, weight: Tensor) -> Tensor:
    """The length of the filter that each weight belongs to, of a shape that meets the weights'."""
    squares = weight.square()
    if isinstance(owner, _ConvTransposeNd):  # [groups * inputs, outputs, *size]
        parts = squares.reshape(owner.groups, -1, *squares.shape[1:])
        sums = parts.sum((1, *range(3, parts.ndim)), keepdim=True).expand_as(parts).flatten(0, 1)
    elif isinstance(owner, TableConv):  # [connections, *size], those of an output map one after the other
        counts = torch.tensor([len(row) for row in owner.table]).repeat_interleave(owner.maps)
        maps = torch.arange(len(counts)).repeat_interleave(counts)
        ones = squares.flatten(1).sum(1)
        sums = torch.zeros(len(counts), dtype=ones.dtype).index_add(0, maps, ones)[maps]
        sums = sums.reshape(-1, *[1] * (weight.ndim - 1))
    else:
        first = len(owner.output_extents) + 1 if isinstance(owner, LocalConv) else 1
        sums = squares.sum(tuple(range(first, weight.ndim)), keepdim=True)
    return sums.sqrt()
