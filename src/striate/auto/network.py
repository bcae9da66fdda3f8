"""Chooses a network from a data set's facts, by the rules of the field, and says why.

Small filters in `same` convolutions (VGG, Simonyan and Zisserman 2014), pools that halve while channels grow, residual
blocks (He et al. 2015), batch normalisation, a receptive field that covers the input, one global pool at the end
(Lin et al. 2013).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MOST_STRIDE_FREE = 64  # an input with sides up to this is convolved whole first; a larger one is halved at once
LAST_EXTENT = 7  # halving goes on while the shortest side stays at about this


@dataclass(frozen=True)
class Design:
    """A network's text and, in order, why it looks as it does."""

    text: str
    reasons: tuple[str, ...]


def design_network(channels: int, extents: tuple[int, ...], samples: int) -> Design:
    """Write a network for inputs of `channels` x `extents` and so many training samples.

    Cost:    integers alone.

    >>> print(design_network(1, (28, 28), 55_000).text)
    input 1x28x28
    def down(n) = maxpool2, conv3-n, bn, relu
    def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu
    conv3-32, bn, relu
    down(64), block(64)
    down(128), block(128)
    gap, flatten, fc-classes
    """
    halvings = count_halvings(extents)
    width, why_width = _choose_width(samples)
    early = min(extents) > MOST_STRIDE_FREE
    lines = [f"input {'x'.join(map(str, (channels, *extents)))}"]
    if halvings > early:
        lines.append("def down(n) = maxpool2, conv3-n, bn, relu")
    lines.append("def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu")
    lines.append(f"conv3-{width}/2, bn, relu" if early else f"conv3-{width}, bn, relu")
    if not halvings:
        lines.append(f"block({width})*2")
    for stage in range(1, halvings + 1 - early):
        channels_here = width * 2 ** min(stage, 4)
        lines.append(f"down({channels_here}), block({channels_here})")
    lines.append("gap, flatten, fc-classes")
    return Design("\n".join(lines) + "\n", (*_explain(extents, halvings, early), why_width))


def count_halvings(extents: tuple[int, ...]) -> int:
    """How often the input is halved: until its shortest side is at about 7.

    >>> count_halvings((28, 28)), count_halvings((8, 8)), count_halvings((224, 224))
    (2, 1, 5)
    """
    shortest = min(extents)
    if shortest < 4:
        return 0
    return max(1, round(math.log2(shortest / LAST_EXTENT)))


def _choose_width(samples: int) -> tuple[int, str]:
    """First-layer channels: more examples carry more parameters."""
    for least, width in ((20_000, 32), (2_000, 32), (0, 32)):
        if samples >= least:
            return width, f"{width} channels at first, doubled at each halving: {samples:,} training samples"
    raise AssertionError("unreachable")


def _explain(extents: tuple[int, ...], halvings: int, early: bool) -> tuple[str, ...]:
    shown = "x".join(map(str, extents))
    last = "x".join(str(extent >> halvings) for extent in extents)
    reasons = [
        "3x3-like filters with `same` padding: two of them see as much as one of 5, for fewer weights",
        f"{halvings} halving{'s' if halvings != 1 else ''}: {shown} becomes {last} before the global pool",
        "residual blocks with batch normalisation: they train at a high learning rate",
    ]
    if early:
        reasons.append(
            f"the first convolution halves at once: sides above {MOST_STRIDE_FREE} cost most in the first layers"
        )
    return tuple(reasons)
