"""What a named recipe is made for: the data's facts, the network's layers, and the recipe that would be taken else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from striate.data import Facts
from striate.train import Recipe

FEWEST_STEPS = 400  # of a set so small that its samples have to be seen more often


@dataclass(frozen=True)
class Layers:
    """What a recipe must know of a network.

    `depth` layers with weights, `filters` of them banks of filters, the last one with `features` inputs; `normalised`
    by layers of any kind, `batch_norms` by batch norms alone. `kernels` of the first layer have `taps` weights each,
    0 where it isn't a convolution of all channels; `biased` where it has a bias. The class scores are multiplied by
    `gain` at the end.
    """

    depth: int = 0
    filters: int = 0
    features: int = 1
    normalised: bool = True
    batch_norms: bool = True
    kernels: int = 0
    taps: int = 0
    biased: bool = True
    gain: float = 1.0


@dataclass(frozen=True)
class Subject:
    """Data and network that a recipe is for, the recipe otherwise chosen (`base`), and whether weights are trained."""

    facts: Facts
    layers: Layers
    base: Recipe
    trained: bool = False


@dataclass(frozen=True)
class Named:
    """The settings that a named recipe has other than the base, and why."""

    changes: dict[str, Any]
    reasons: tuple[str, ...]


def limit_batch(samples: int, most: int) -> int:
    """The most, or the power of two that leaves an epoch 20 steps or more.

    >>> limit_batch(50_000, 1024), limit_batch(1_300, 1024), limit_batch(10, 1024)
    (1024, 64, 8)
    """
    fitting = max(8, samples // 20)
    return most if fitting >= most else 2 ** (fitting.bit_length() - 1)


def count_length(samples: int, batch: int, epochs: float, most: int) -> tuple[int, int]:
    """Steps, and the epochs that they begin, of a length in parts of epochs; 400 where batches are below `most`.

    >>> count_length(50_000, 1024, 9.9, most=1024), count_length(1_300, 32, 9.9, most=1024)
    ((476, 10), (400, 10))
    """
    per_epoch = max(1, samples // batch)
    steps = max(FEWEST_STEPS if batch < most else 1, math.ceil(round(epochs * per_epoch, 6)))
    return steps, math.ceil(steps / per_epoch)
