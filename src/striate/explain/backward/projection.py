"""One unit's answer to an input, projected back down to the input: what the unit saw there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.backward.gradients import differentiate, naming_checkpoints, open_inputs
from striate.explain.backward.inplace import in_sight
from striate.explain.backward.rectifiers import rectified
from striate.explain.hooks import first_tensor, tap
from striate.explain.question import pick, scores_of

Cell: TypeAlias = "tuple[int, ...]"


@dataclass(frozen=True)
class Projection:
    """What units saw: `values` [batch, channels, *extents]; of each input the unit, its cell and its strength."""

    values: Tensor
    unit: tuple[int, ...]
    cell: tuple[Cell, ...]
    strength: tuple[float, ...]
    notes: tuple[str, ...] = ()


def project(
    module: nn.Module,
    inputs: Tensor,
    layer: str,
    *,
    unit: int | None = None,
    target: Tensor | None = None,
    cells: tuple[Cell, ...] | None = None,
) -> Projection:
    """Project one unit of a layer down to each input: all else is silent, and its strongest cell sends what it put out.

    Without a `unit`, that of each input which speaks most for its target, by activation x gradient over the unit's map.
    `cells` name other cells than the strongest. The signal passes each ReLU by the deconvnet's rule, and
    max pools to where their maximum was. A unit that is nowhere above 0 sends nothing.

    Shape:   values as `inputs`, [batch, channels, *extents].
    Raises:  InputError where there is no such unit, and as `rectified` does.
    Source:  Zeiler, Fergus 2014, section 2.1.
    """
    with torch.enable_grad():
        leaf = open_inputs(inputs)
        with in_sight(module), tap(module, layer) as seen:
            output = first_tensor(module(leaf.clone()), "the network") if target is None else scores_of(module, leaf)
        maps = find_maps(seen, layer, unit)
        chosen = _choose_units(maps, output, target) if unit is None else torch.full((len(maps),), unit)
        own = maps.detach().flatten(2)[torch.arange(len(maps)), chosen.to(maps.device)]
        places = find_peaks(own) if cells is None else torch.tensor([flatten(cell, maps.shape[2:]) for cell in cells])
        strengths = own.cpu().gather(1, places[:, None])[:, 0]
        sent = _send(maps, chosen, places, strengths.clamp(min=0))
        with naming_checkpoints(), rectified([sent, output], "deconvnet") as notes:
            values = differentiate(sent, leaf)
    found = tuple(unravel(place, maps.shape[2:]) for place in places.tolist())
    return Projection(values, tuple(chosen.tolist()), found, tuple(strengths.tolist()), notes)


def find_maps(seen: dict[str, Tensor], layer: str, unit: int | None = None) -> Tensor:
    """What a layer put out, [batch, units, *extents], with an extent of 1 where it has none.

    Raises:  InputError where it wasn't run, or has no such unit.
    """
    if layer not in seen or seen[layer].ndim < 2:
        raise InputError(f"layer {layer}: found no maps of units when the network answers. Name another")
    maps = seen[layer] if seen[layer].ndim > 2 else seen[layer][..., None]
    if unit is not None and unit >= maps.shape[1]:
        raise InputError(f"unit: found {unit}, needed one from 0 to {maps.shape[1] - 1} in layer {layer}")
    return maps


def find_peaks(values: Tensor) -> Tensor:
    """The place of the largest value of each row [rows, cells]; of equal ones the first.

    >>> find_peaks(torch.tensor([[1.0, 3.0, 3.0], [2.0, 0.0, 2.0]])).tolist()
    [1, 0]
    """
    is_peak = values == values.amax(1, keepdim=True)
    places = torch.arange(values.shape[1], device=values.device).expand_as(values)
    return places.masked_fill(~is_peak, values.shape[1] - 1).amin(1).cpu()


def flatten(cell: Cell, extents: Sequence[int]) -> int:
    """The number of a cell when all are counted row by row.

    >>> flatten((1, 2), (3, 4))
    6
    """
    place = 0
    for index, extent in zip(cell, extents, strict=True):
        place = place * extent + index
    return place


def unravel(place: int, extents: Sequence[int]) -> Cell:
    """The cell of a number, as `flatten` counts.

    >>> unravel(6, (3, 4))
    (1, 2)
    """
    cell = []
    for extent in reversed(extents):
        place, index = divmod(place, extent)
        cell.append(index)
    return tuple(reversed(cell))


def _choose_units(maps: Tensor, output: Tensor, target: Tensor | None) -> Tensor:
    if target is None:
        raise InputError("unit: found none, and no target to choose one for. Name a unit")
    slopes = differentiate(pick(output, target).sum(), maps, keep=True)
    return find_peaks((maps.detach() * slopes).flatten(2).sum(2))


def _send(maps: Tensor, units: Tensor, places: Tensor, strengths: Tensor) -> Tensor:
    """A number whose gradient by the maps is, at each input's one cell, its strength, and 0 elsewhere."""
    signal = torch.zeros(maps.flatten(2).shape, dtype=maps.dtype)
    signal[torch.arange(len(maps)), units, places] = strengths
    return (maps * signal.reshape(maps.shape).to(maps.device)).sum()
