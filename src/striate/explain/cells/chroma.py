"""Which direction of colour a kernel looks in: the one along which most of its weights lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chroma:
    """A kernel as one spatial kernel in one direction of the channels.

    `direction` has length 1, `kernel` [*size] is what lies along it; `share` is the part of the kernel's sum of squares
    that this leaves, 1 where colour and place are separable. `opponency` is 0 where all channels are weighed alike, and
    1 where the direction has no part of that, as red against green; NaN for a lone channel.
    """

    direction: tuple[float, ...]
    kernel: Floats
    share: float
    opponency: float


def split_chroma(weights: Floats) -> Chroma:
    """Split a kernel into its preferred direction of colour and the spatial kernel along it.

    Shape:   `weights` [channels, *size].
    Source:  the singular value decomposition; Johnson, Hawken, Shapley 2001, "The spatial transformation of color in
             the primary visual cortex of the macaque monkey" (opponent and non-opponent cells).

    >>> found = split_chroma(np.array([[2.0, 0.0], [-2.0, 0.0]]))
    >>> sorted(round(part, 3) for part in found.direction), round(found.opponency, 3)
    ([-0.707, 0.707], 1.0)
    """
    channels = len(weights)
    directions, lengths, _ = np.linalg.svd(weights.reshape(channels, -1), full_matrices=False)
    direction = directions[:, 0]
    level = float(direction.sum()) / math.sqrt(channels)
    leading = level if abs(level) > 1e-6 else float(direction[np.abs(direction).argmax()])
    direction = direction if leading >= 0 else -direction
    total = float((lengths**2).sum())
    return Chroma(
        direction=tuple(map(float, direction)),
        kernel=np.tensordot(direction, weights, axes=1),
        share=float(lengths[0] ** 2) / total if total else math.nan,
        opponency=1 - min(level**2, 1.0) if channels > 1 else math.nan,
    )
