"""What an explanation comes to: a heat over each input, and all that is needed to draw it and to doubt it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from striate.explain.trust import Trust


@dataclass(frozen=True)
class Heat:
    """Where in each input lies what a network's answer came from.

    `values` are [batch, *extents] over the input's own extents, on the processor: more is hotter; where `signed`, what
    is below 0 speaks against the target. `target` is the class (or the unit, where `unit` is given) that each input was
    asked about, `score` what the network gave it. `layer` is the path of the module that the heat was read from, None
    where it was read at the input. `inputs` are [batch, channels, *extents] as the network took them; where `mean` and
    `std` are known, a number each or one for each channel, inputs * std + mean lies in 0..1.
    """

    values: Tensor = field(repr=False)
    method: str
    target: tuple[int, ...]
    layer: str | None = None
    trust: Trust | None = None
    unit: int | None = None
    signed: bool = False
    score: tuple[float, ...] = ()
    inputs: Tensor = field(default_factory=lambda: torch.empty(0), repr=False)
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    rate: int | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    patches: Patches | None = field(default=None, repr=False)
    words: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    """Of inputs that are texts, the words of each, one for each of its first cells."""
    notes: tuple[str, ...] = ()
    """What should be known beside the picture, a line each."""

    def __len__(self) -> int:
        """How many inputs were explained."""
        return len(self.values)


@dataclass(frozen=True)
class Patches:
    """The places in a data set where a unit fires most, one after the other, the strongest first.

    `inputs` are the patches of the inputs [count, channels, *extents], `projections` (if made) of the same shape what
    the unit saw in them; `sample`, `cell` and `strength` say of each from which sample and cell of the unit's map it
    was taken, and how strongly the unit fired; `start` is the first input cell of the patch.
    """

    inputs: Tensor
    sample: tuple[int, ...]
    cell: tuple[tuple[int, ...], ...]
    strength: tuple[float, ...]
    start: tuple[tuple[int, ...], ...]
    projections: Tensor | None = None
