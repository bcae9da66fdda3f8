"""Values that travel beside the main one: WaveNet's skips, side heads, the places that a pool's maxima came from.

Each forward pass makes one `Carried`, which every row and bracket on the way hands on, so that nothing is kept in the
modules and the network can be traced, exported, copied, and run in several threads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias, cast

from torch import Tensor, nn

Window: TypeAlias = "tuple[int, int, int, int]"
"""One axis of a pool: its size and stride, and the cells of padding before and after."""


@dataclass
class Places:
    """Where a pool's maxima came from, and what an unpool needs to know of that pool."""

    cells: Tensor  # for each maximum, the number of its cell among those that the windows cover
    shape: tuple[int, ...]  # of the pool's input
    windows: tuple[Window, ...]


@dataclass
class Carried:
    """What one forward pass carries along: the sum of the taps, the side heads' outputs, the pools' places."""

    taps: Tensor | None = None
    sides: list[Tensor] = field(default_factory=list)
    places: list[Places] = field(default_factory=list)


def carries(module: nn.Module) -> bool:
    """Whether a module takes a second argument, the `Carried` of this pass.

    >>> carries(nn.ReLU()), carries(Taps())
    (False, True)
    """
    return getattr(module, "carries", False) is True


def run_part(module: nn.Module, input: Tensor, carried: Carried | None) -> Tensor:
    """Run a module, with what is carried if it takes that."""
    return cast(Tensor, module(input, carried) if carries(module) else module(input))


def run_row(row: Iterable[nn.Module], input: Tensor, carried: Carried) -> Tensor:
    """Run one module after the other."""
    return reduce(lambda value, part: run_part(part, value, carried), row, input)


class CarryingRow(nn.Sequential):
    """A row of modules, some of which read or write what is carried."""

    carries = True

    def forward(self, input: Tensor, carried: Carried) -> Tensor:  # type: ignore[override]
        return run_row(self, input, carried)


class CarryingNet(nn.Sequential):
    """A whole network in which something is carried.

    `side_weights` says how much the loss of each side head counts, in their order.

    Shape:   in training (main, side, ...) where there are side heads; else the main output alone.
    """

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.side_weights = tuple(part.weight for part in self.modules() if isinstance(part, Aux))

    def forward(self, input: Tensor) -> Tensor | tuple[Tensor, ...]:
        carried = Carried()
        output = run_row(self, input, carried)
        return (output, *carried.sides) if carried.sides else output


class Tap(nn.Module):
    """Add what the branch gives to the sum of the taps, and pass the input on.

    Source:  van den Oord et al. 2016, arXiv:1609.03499, sec. 2.4 (the skip connections).
    """

    carries = True

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch1 = branch

    def forward(self, input: Tensor, carried: Carried) -> Tensor:
        output = run_part(self.branch1, input, carried)
        carried.taps = output if carried.taps is None else carried.taps + output
        return input


class Taps(nn.Module):
    """Give the sum of the taps in place of the input, and begin a new sum."""

    carries = True

    def forward(self, input: Tensor, carried: Carried) -> Tensor:
        total = carried.taps
        carried.taps = None
        return input if total is None else total


class Aux(nn.Module):
    """A side head: in training its output leaves beside the main one; in evaluation it isn't run.

    Source:  Szegedy et al. 2014, arXiv:1409.4842, sec. 5 (weight 0.3).
    """

    carries = True

    def __init__(self, branch: nn.Module, weight: float = 0.3) -> None:
        super().__init__()
        self.branch1 = branch
        self.weight = weight

    def forward(self, input: Tensor, carried: Carried) -> Tensor:
        if self.training:
            carried.sides.append(run_part(self.branch1, input, Carried()))
        return input

    def extra_repr(self) -> str:
        return f"weight={self.weight}"
