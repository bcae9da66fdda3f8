"""What units are made of: the kernels of every convolution, the first layer's whole, deeper ones by strongest input."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.convolving.banks import Bank, find_banks, require_bank
from striate.explain.convolving.spectra import respond
from striate.explain.hooks import record
from striate.explain.look import Look
from striate.explain.untouched import untouched

MOST_UNITS, MOST_LAYERS, MOST_SEEN = 48, 24, 96
RESPONSE = 129


@dataclass(frozen=True)
class LayerKernels:
    """Kernels of one convolution: `values` [shown, channels, *size] of the units `units`.

    `channels` is 3 where the layer sees a picture's colours; 1 elsewhere, and then `source` is the channel of the
    layer's input whose kernel is the unit's strongest. A layer of single cells (1x1) is a `matrix` of all its weights
    [shown, seen], and `source` names its channels. `scale` is the largest weight's size, one for the layer. Of one
    axis, `responses` [shown, frequencies] say what each lets through, of `frequencies` in Hz where `rate` is known,
    else in cycles per cell.
    """

    path: str
    kind: str
    values: Tensor = field(repr=False)
    units: tuple[int, ...]
    source: tuple[int, ...]
    norms: tuple[float, ...]
    scale: float
    count: int
    seen: int
    matrix: bool = False
    sorted: bool = False
    frequencies: NDArray[np.float64] | None = field(default=None, repr=False)
    responses: NDArray[np.float64] | None = field(default=None, repr=False)
    rate: int | None = None

    @property
    def coloured(self) -> bool:
        """Whether the three channels are a picture's colours."""
        return not self.matrix and self.values.shape[1] == 3


@dataclass(frozen=True)
class Kernels:
    """The kernels of a network's convolutions, in the order of their use."""

    name: str
    layers: tuple[LayerKernels, ...]
    notes: tuple[str, ...] = ()


def view_kernels(look: Look) -> Kernels:
    """Gather the kernels of every convolution, or of `layer`; of `unit` alone where one is named.

    Option `most`: how many units of a layer; of more, those with the largest kernels (L2), the largest first.
    Cost:    one pass of an empty input, for the layers' order.
    Raises:  InputError for a layer that is no convolution, a unit that there isn't, and a network without convolutions.
    """
    most = int(look.options.get("most", MOST_UNITS))
    if most < 1:
        raise InputError(f"kernels: most is {most}, needed a number from 1")
    banks = {look.layer: require_bank(look.module, look.layer)} if look.layer else find_banks(look.module)
    if not banks:
        raise InputError(f"{look.name}: found no convolution, needed one. Look at another network")
    order = find_order(look.module, look.input, list(banks))
    notes = _list_notes(banks, order)
    first = find_first(look, order)
    layers = tuple(_take_layer(banks[path], look, most, is_first=path == first) for path in order[:MOST_LAYERS])
    return Kernels(look.name, layers, notes)


def find_order(module: nn.Module, shape: tuple[int, ...], paths: list[str]) -> list[str]:
    """The paths in the order in which a pass comes by them; what it doesn't come by stands last."""
    named = [path for path in paths if path]
    like = next(module.parameters(), torch.empty(0))
    try:
        with untouched(module):
            seen = list(record(module, torch.zeros(1, *shape, device=like.device, dtype=like.dtype), named))
    except (RuntimeError, ValueError, TypeError, InputError):  # not an input that it takes: as it was written then
        seen = []
    return [*seen, *(path for path in paths if path not in seen)]


def find_first(look: Look, order: list[str]) -> str | None:
    """The convolution that sees the input itself: the first that a pass comes by, if its channels are the input's."""
    every = find_banks(look.module)
    whole = find_order(look.module, look.input, list(every)) if look.layer else order
    return whole[0] if whole and every[whole[0]].channels == look.input[0] else None


def _list_notes(banks: dict[str, Bank], order: list[str]) -> tuple[str, ...]:
    if len(order) <= MOST_LAYERS:
        return ()
    return (f"The first {MOST_LAYERS} of {len(banks)} convolutions are shown: name a layer to see another.",)


def _take_layer(bank: Bank, look: Look, most: int, *, is_first: bool) -> LayerKernels:
    units, is_sorted = _choose_units(bank, look.unit, most)
    scale = float(bank.values[units].abs().max()) if bank.values.numel() else 0.0
    norms = bank.norms[units].square().sum(1).sqrt()
    common = (tuple(units.tolist()), tuple(norms.tolist()), scale, len(bank.values), bank.sources.shape[1], is_sorted)
    if prod(bank.size) == 1 and not (is_first and bank.channels == 3):
        return _make_matrix(bank, units, common)
    if is_first and bank.sources.shape[1] == 3 and len(bank.size) > 1:
        return _make(bank, bank.values[units], (), common)
    strongest = bank.norms[units].argmax(1)
    values = bank.values[units, strongest][:, None]
    source = tuple(bank.sources[units, strongest].tolist())
    if len(bank.size) > 1:
        return _make(bank, values, source, common)
    rate = look.rate if is_first else None
    frequencies, responses = respond(values[:, 0].numpy(), bank.dilation[0], RESPONSE)
    return _make(bank, values, source, common, frequencies=frequencies * (rate or 1), responses=responses, rate=rate)


Common = tuple[tuple[int, ...], tuple[float, ...], float, int, int, bool]


def _make(bank: Bank, values: Tensor, source: tuple[int, ...], common: Common, **more: object) -> LayerKernels:
    units, norms, scale, count, seen, is_sorted = common
    about = {"scale": scale, "count": count, "seen": seen, "sorted": is_sorted, **more}
    return LayerKernels(bank.path or "the network", bank.kind, values, units, source, norms, **about)  # type: ignore[arg-type]


def _make_matrix(bank: Bank, units: Tensor, common: Common) -> LayerKernels:
    """All weights of a layer of single cells, the columns with the largest ones."""
    weights, sources = bank.values[units].flatten(1), bank.sources[units]
    if bool((sources == sources[:1]).all()):
        kept = weights.norm(dim=0).argsort(descending=True, stable=True)[:MOST_SEEN].sort().values
        return _make(bank, weights[:, kept], tuple(sources[0][kept].tolist()), common, matrix=True)
    return _make(bank, weights[:, :MOST_SEEN], (), common, matrix=True)


def _choose_units(bank: Bank, unit: int | None, most: int) -> tuple[Tensor, bool]:
    """The units to show, and whether they are sorted by strength because there are more."""
    count = len(bank.values)
    if unit is not None:
        if not 0 <= unit < count:
            raise InputError(f"unit: found {unit}, needed one of layer {bank.path}, from 0 to {count - 1}")
        return torch.tensor([unit]), False
    if count <= most:
        return torch.arange(count), False
    strength = bank.norms.square().sum(1)
    return strength.argsort(descending=True, stable=True)[:most], True
