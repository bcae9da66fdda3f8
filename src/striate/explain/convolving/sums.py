"""What a unit of a trained layer makes of an input: each channel through its own kernel, then summed with the bias.

A convolution is linear but for its bias. So a channel's part is what the layer gives for that channel alone, less what
it gives for nothing; whatever its stride, dilation, groups or padding, the layer itself is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.convolving.banks import Bank, require_bank
from striate.explain.hooks import find_part, reach
from striate.explain.untouched import untouched

MOST_UNITS, MOST_PARTS = 8, 12


@dataclass(frozen=True)
class UnitSum:
    """One unit: `parts` [shown, *extents] of the input channels `channels`, through `kernels` [shown, *size].

    `rest` is the sum over the channels that aren't shown, None where all are; `bias` [*extents] is what the unit gives
    for nothing. `output` [*extents] is the layer's own: parts, rest and bias make it up.
    """

    unit: int
    channels: tuple[int, ...]
    kernels: Tensor = field(repr=False)
    parts: Tensor = field(repr=False)
    rest: Tensor | None = field(repr=False)
    bias: Tensor = field(repr=False)
    output: Tensor = field(repr=False)


@dataclass(frozen=True)
class Summed:
    """Units of one layer and an input: `before` [channels, *extents] as it was, `inputs` as they come to the layer."""

    name: str
    layer: str
    kind: str
    before: Tensor = field(repr=False)
    inputs: Tensor = field(repr=False)
    units: tuple[UnitSum, ...]
    count: int
    rate: int | None = None
    notes: tuple[str, ...] = ()


def sum_units(
    module: nn.Module,
    layer: str,
    inputs: Tensor,
    unit: int | None = None,
    *,
    name: str = "input",
    before: Tensor | None = None,
    rate: int | None = None,
    notes: tuple[str, ...] = (),
) -> Summed:
    """Take a layer's answer to one input [channels, *extents] apart; of one unit, or of the first ones.

    Of each unit the channels with the strongest kernels are shown: 12 of a unit that is named, else 3.
    Cost:    a pass to the layer, then one of the layer for every channel that is shown, and one for each unit's rest.
    Raises:  InputError for what is no convolution, a unit that there isn't, and an input that can't come as far.
    """
    bank = require_bank(module, layer)
    units, most = _choose_units(bank, unit)
    with untouched(module), torch.no_grad():
        given, output = _reach(module, layer, inputs)
        part = find_part(module, layer)
        axes = bank.values.ndim - 2
        if given.ndim != 2 + axes:
            found = "x".join(map(str, given.shape))
            raise InputError(f"layer {layer}: found that {found} goes in, needed batch, channels and {axes} axes")
        taking = _Taking(part, bank, given, units)
        sums = tuple(taking.take(each, most, output[0]) for each in units)
    count = len(bank.values)
    more = (f"The first {len(units)} of {count} units are shown: name one to see it whole.",) * (len(units) < count)
    shown = inputs if before is None else before
    return Summed(name, layer, bank.kind, shown, given[0].cpu(), sums, count, rate, notes + more * (unit is None))


def _choose_units(bank: Bank, unit: int | None) -> tuple[tuple[int, ...], int]:
    count = len(bank.values)
    if unit is None:
        return tuple(range(min(count, MOST_UNITS))), 3
    if not 0 <= unit < count:
        raise InputError(f"unit: found {unit}, needed one of layer {bank.path}, from 0 to {count - 1}")
    return (unit,), MOST_PARTS


def _reach(module: nn.Module, layer: str, inputs: Tensor) -> tuple[Tensor, Tensor]:
    like = next(module.parameters(), inputs)
    try:
        return reach(module, layer, inputs[None].to(like.device, like.dtype))
    except InputError:
        raise
    except (RuntimeError, ValueError, IndexError) as problem:
        reason = str(problem).strip().split("\n")[0][:160]
        found = f"layer {layer}: an input of {'x'.join(map(str, inputs.shape))} doesn't come as far ({reason})"
        raise InputError(f"{found}. Give one of the network's own size") from None


class _Taking:
    """One layer taken apart; what it gives for a channel alone is asked once, and kept of the chosen units."""

    def __init__(self, part: nn.Module, bank: Bank, given: Tensor, units: tuple[int, ...]) -> None:
        self.part, self.bank, self.given, self.units = part, bank, given, units
        self.nothing = part(torch.zeros_like(given))[0]
        self.alone: dict[int, Tensor] = {}

    def take(self, unit: int, most: int, output: Tensor) -> UnitSum:
        """One unit, its strongest channels and the rest of them."""
        norms = self.bank.norms[unit]
        seen = torch.nonzero(norms).flatten()
        shown = seen[norms[seen].argsort(descending=True, stable=True)[:most]].sort().values
        channels = tuple(int(channel) for channel in self.bank.sources[unit][shown])
        bias = self.nothing[unit]
        parts = [self._ask_alone(channel)[self.units.index(unit)] for channel in channels]
        rest = None
        if len(shown) < len(seen):
            others = [channel for channel in range(self.given.shape[1]) if channel not in channels]
            rest = (self.part(_keep(self.given, others))[0, unit] - bias).cpu()
        stacked = torch.stack(parts) if parts else bias.new_zeros(0, *bias.shape)
        kernels = self.bank.values[unit][shown]
        return UnitSum(unit, channels, kernels, stacked.cpu(), rest, bias.cpu(), output[unit].cpu())

    def _ask_alone(self, channel: int) -> Tensor:
        if channel not in self.alone:
            chosen = list(self.units)
            self.alone[channel] = self.part(_keep(self.given, [channel]))[0, chosen] - self.nothing[chosen]
        return self.alone[channel]


def _keep(given: Tensor, channels: list[int]) -> Tensor:
    """The input with all other channels empty."""
    kept = torch.zeros_like(given)
    kept[:, channels] = given[:, channels]
    return kept
