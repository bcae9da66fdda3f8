"""What a view of a whole network is given: the network, inputs to look at, and the data that it was trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from striate.explain.question import Hear


@dataclass(frozen=True)
class Look:
    """One network to look at, and what may be looked at with it.

    `input` is channels x extents. `inputs` are [batch, channels, *extents] as the network takes them (normalised), None
    where none were named; `names` are what they are called. `fetch` gets inputs and labels of a data set, as the
    network takes them, at most as many as asked for: (inputs [count, channels, *extents], labels [count]); None where
    there is no data set. `mean` and `std` undo the normalisation: input * std + mean lies in 0..1. `beside` are other
    networks to compare, by name. `options` are the view's own.
    """

    module: nn.Module
    input: tuple[int, ...]
    name: str = "network"
    inputs: Tensor | None = None
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    fetch: Callable[[int], tuple[Tensor, Tensor]] | None = field(default=None, repr=False)
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    rate: int | None = None
    layer: str | None = None
    unit: int | None = None
    seed: int = 0
    beside: Mapping[str, nn.Module] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    on_progress: Hear | None = field(default=None, repr=False)
