"""What a recipe must know of a network, read off its placed layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from striate.nets import WEIGHTED, Placed, inspect_backbones, list_layers

if TYPE_CHECKING:
    from striate.auto import Layers

NORMS = frozenset({"bn", "gn", "ln"})
BANKS = frozenset({"conv", "depthwise", "deconv"})


def describe_layers(placed: tuple[Placed, ...]) -> Layers:
    """Depth, norms, the first layer's kernels and the factor at the end, of a network in its place.

    >>> from striate.nets import parse, place
    >>> layers = describe_layers(place(parse("conv2-24 pad=valid, gelu, gap, flatten, fc-classes"), (3, 8, 8), 10))
    >>> layers.kernels, layers.taps, layers.biased, layers.depth
    (24, 12, True, 2)
    """
    from striate.auto import Layers

    layers = [part for _, part in list_layers(placed)]
    weighted = [part for part in layers if part.word in WEIGHTED]
    backbones = inspect_backbones(placed)
    first = weighted[0] if weighted else None
    kernels, taps, biased = count_kernels(first) if first else (0, 0, False)
    head = max((place for place, part in enumerate(layers) if part.word in WEIGHTED), default=0)
    factors = [read_factor(part) for part in layers[head:]]
    return Layers(
        depth=len(weighted) + sum(each.depth - 1 for each in backbones),
        filters=sum(part.word in BANKS for part in layers),
        features=weighted[-1].input[0] if weighted else 1,
        normalised=any(part.word in NORMS for part in layers) or any(each.normalised for each in backbones),
        batch_norms=any(part.word == "bn" for part in layers),
        kernels=kernels,
        taps=taps,
        biased=biased,
        gain=math.prod(factors),
    )


def count_kernels(layer: Placed) -> tuple[int, int, bool]:
    """A first convolution's kernels, the weights of each, and whether it has a bias; none where it is no plain one."""
    options = getattr(layer.part, "options", {})
    if layer.word != "conv" or options.keys() & {"table", "groups"}:
        return 0, 0, False
    parameters = layer.parameters
    kernels = layer.output[0]
    biased = bool(parameters % kernels == 0 and getattr(layer.part, "bias", True))
    taps = (parameters - kernels * biased) // kernels
    return kernels, taps, biased


def read_factor(layer: Placed) -> float:
    """The fixed factor of a `scale by=`, else 1."""
    return abs(float(getattr(layer.part, "options", {}).get("by", 1.0))) if layer.word == "scale" else 1.0
