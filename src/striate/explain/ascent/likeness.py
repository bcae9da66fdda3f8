"""The objective of a caricature: that a layer goes further the way that it went for an input."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.ascent.objectives import Objective, Seen

LEAST_COSINE = 0.1  # so that an input unlike at first still gains by becoming more so


@dataclass(frozen=True)
class Likeness(Objective):
    """How far all of a layer goes the way that it went for another input, `pattern` [units, *extents]: a caricature.

    Source:  Carter et al. 2019, doi:10.23915/distill.00015, appendix: the dot product times a power of the cosine.
    """

    layer: str
    pattern: Tensor = field(repr=False)
    power: float = 1.0
    name: str = "input"

    @property
    def text(self) -> str:
        """The layer, and whose pattern it is."""
        return f"{self.layer}~{self.name}"

    @property
    def key(self) -> str:
        """The same for every input, whatever it is called."""
        return self.layer

    @property
    def layers(self) -> frozenset[str]:
        """The one."""
        return frozenset((self.layer,))

    def judge(self, seen: Seen, row: int) -> Tensor:
        """The dot product with the pattern, times the cosine between the two raised to `power`."""
        output = seen[self.layer][row]
        pattern = self.pattern.to(output).flatten()
        pattern = pattern / pattern.norm().clamp_min(torch.finfo(pattern.dtype).tiny)
        along = output.flatten() @ pattern
        cosine = along / output.norm().clamp_min(torch.finfo(output.dtype).tiny)
        likeness: Tensor = along * cosine.clamp_min(LEAST_COSINE) ** self.power
        return likeness

    def check(self, seen: Seen) -> None:
        """Refuse a layer that puts out another shape than the pattern's."""
        found, needed = tuple(seen[self.layer].shape[1:]), tuple(self.pattern.shape)
        if found != needed:
            raise InputError(f"{self.text}: the layer puts out {list(found)}, needed {list(needed)}, as for the input")
