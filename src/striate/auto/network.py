"""Chooses a network from a data set's facts, by the rules of the field, and says why.

Small filters in `same` convolutions (VGG, Simonyan and Zisserman 2014), pools that halve while channels grow, residual
blocks (He et al. 2015), batch normalisation, a receptive field that covers the input, one global pool at the end
(Lin et al. 2013).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from striate.arithmetic import Window, chain_fields

MOST_STRIDE_FREE = 64  # an input with sides up to this is convolved whole first; a larger one is halved at once
LAST_EXTENT = 7  # halving goes on while the shortest side stays at about this
FIRST_CHANNELS = 32
MOST_DOUBLINGS = 4


@dataclass(frozen=True)
class Design:
    """A network's text and, in order, why it looks as it does."""

    text: str
    reasons: tuple[str, ...]


def design_network(channels: int, extents: tuple[int, ...]) -> Design:
    """Write a network for inputs of `channels` x `extents`.

    Cost:    integers alone.

    >>> print(design_network(1, (28, 28)).text)
    input 1x28x28
    def down(n) = maxpool2, conv3-n, bn, relu
    def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu
    conv3-32, bn, relu
    down(64), down(128)
    block(128)
    gmp, flatten, fc-classes
    """
    halvings = count_halvings(extents)
    early = min(extents) > MOST_STRIDE_FREE
    stages = [FIRST_CHANNELS * 2 ** min(stage, MOST_DOUBLINGS) for stage in range(1, halvings + 1 - early)]
    blocks = count_blocks(min(extents), halvings, early=early)
    last = stages[-1] if stages else FIRST_CHANNELS
    lines = [
        f"input {'x'.join(map(str, (channels, *extents)))}",
        *(["def down(n) = maxpool2, conv3-n, bn, relu"] if stages else []),
        "def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu",
        f"conv3-{FIRST_CHANNELS}{'/2' if early else ''}, bn, relu",
        *([", ".join(f"down({stage})" for stage in stages)] if stages else []),
        f"block({last})" + (f"*{blocks}" if blocks > 1 else ""),
        "gmp, flatten, fc-classes",
    ]
    return Design("\n".join(lines) + "\n", _explain(extents, halvings, early=early))


def count_blocks(side: int, halvings: int, *, early: bool) -> int:
    """How many residual blocks follow the last halving: one, or as many as the field needs to cover the side.

    >>> count_blocks(28, 2, early=False), count_blocks(40, 2, early=False)
    (1, 2)
    """
    down = (Window(2, 2), Window(3, before=1))
    block = (Window(3, before=1), Window(3, before=1))
    layers = [Window(3, 2 if early else 1, before=1), *down * (halvings - early)]
    count = 1
    while chain_fields([*layers, *block * count]).size < side:
        count += 1
    return count


def count_halvings(extents: tuple[int, ...]) -> int:
    """How often the input is halved: until its shortest side is at about 7.

    >>> count_halvings((28, 28)), count_halvings((8, 8)), count_halvings((224, 224))
    (2, 1, 5)
    """
    shortest = min(extents)
    if shortest < 4:
        return 0
    return max(1, round(math.log2(shortest / LAST_EXTENT)))


def _explain(extents: tuple[int, ...], halvings: int, *, early: bool) -> tuple[str, ...]:
    shown = "x".join(map(str, extents))
    last = "x".join(str(extent >> halvings) for extent in extents)
    reasons = [
        "small filters with `same` padding: two of 3 see as much as one of 5, for fewer weights",
        f"{halvings} halving{'s' if halvings != 1 else ''}, channels doubled at each: {shown} becomes {last}",
        "batch normalisation and residual blocks: they train at a high learning rate",
        f"blocks where the maps are small, until the receptive field covers {min(extents)}: there they cost least",
        "one global pool at the end: what counts is whether a feature is there, not where",
    ]
    if early:
        reasons.append(
            f"the first convolution halves at once: sides above {MOST_STRIDE_FREE} cost most in the first layers"
        )
    return tuple(reasons)
