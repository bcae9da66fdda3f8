"""What a backbone asks of its input, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trained:
    """Trained weights: their full name, and how the inputs that they were trained on were normalised (0 to 1)."""

    label: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Demands:
    """What a backbone was made for: channels x extents, and whether it takes `fixed` extents alone.

    `trained` is None where it starts from random weights.
    """

    input: tuple[int, ...]
    fixed: bool
    trained: Trained | None
