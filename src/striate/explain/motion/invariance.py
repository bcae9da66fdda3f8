"""The view `invariance`: how far a network's layers follow what is done to the input, and how far they ignore it.

A layer f is equivariant to a motion T where f(T x) = T f(x): its maps move along. It is invariant where f(T x) = f(x).
Both are measured as distances: by how far the equation misses, layer by layer, over ever larger motions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import torch
from torch import Tensor, nn

from striate.errors import InputError
from striate.explain.look import Look
from striate.explain.motion.grids import OUTPUT, list_maps, locate_grids, observe
from striate.explain.motion.motions import Grid, Motion, carry, flip, rescale, rotate, shift
from striate.explain.options import settle_options
from striate.explain.untouched import untouched

INVARIANCE: dict[str, Any] = {
    "samples": 16,
    "shifts": (1, 2, 3, 4, 5, 6, 7, 8),
    "angles": (5, 10, 15, 30, 45, 60, 90, 135, 180),
    "scales": (0.5, 0.6, 0.7, 0.8, 0.9, 1.1, 1.25, 1.4, 1.7, 2.0),
    "wrap": False,
    "rows": 16,
}


@dataclass(frozen=True)
class Curves:
    """One kind of motion over its amounts; `unit` says of what the amounts are.

    `equivariance` is |f(T x) - T f(x)| / |T f(x)| over the cells that came from within the map, `invariance` is
    |f(T x) - f(x)| / |f(x)|: both [layers, amounts], | | the root of the sum of squares over samples, channels and
    cells. NaN where nothing can be compared; 0 / 0 is 0.
    """

    change: str
    unit: str
    amounts: tuple[float, ...]
    equivariance: Tensor = field(repr=False)
    invariance: Tensor = field(repr=False)


@dataclass(frozen=True)
class Invariance:
    """How a network's layers, in the order of computation and the scores last, answer to motions of the input.

    `steps` say how many cells of the input lie between two of a layer's. `others` are how far another sample is,
    |f(x') - f(x)| / |f(x)|: an `invariance` that large means that nothing of the sample is recognised.
    """

    name: str
    layers: tuple[str, ...]
    steps: tuple[tuple[float, ...] | None, ...]
    curves: tuple[Curves, ...]
    others: tuple[float, ...]
    samples: int
    wraps: bool = False
    notes: tuple[str, ...] = ()


def compute_invariance(look: Look) -> Invariance:
    """Measure how every layer with spatial extent, and the scores, answer to shifts, rotations, flips and scalings.

    Cost:    a pass over the samples for each motion, and the maps of all layers for `rows` samples in memory.
    Raises:  InputError where there are no inputs or no axes to move along, and for an amount out of range.
    Source:  Lenc, Vedaldi 2015, "Understanding image representations by measuring their equivariance and equivalence";
             Azulay, Weiss 2019, "Why do deep convolutional networks generalize so poorly to small transformations?".
    """
    options = settle_options("invariance", INVARIANCE, look.options)
    inputs = _take_inputs(look, options["samples"])
    extents = tuple(inputs.shape[2:])
    kinds = list_motions(extents, options)
    with untouched(look.module), torch.no_grad():
        layers = [*([look.layer] if look.layer else list_maps(look.module, inputs[:1])), OUTPUT]
        grids, notes = locate_grids(look.module, inputs[:1], layers)
        motions = [motion for kind in kinds for motion in kind.motions]
        sums = _sum_up(look, torch.split(inputs, options["rows"]), motions, grids)
        others = _compare_others(look.module, inputs, layers)
    return Invariance(
        name=look.name,
        layers=tuple(layers),
        steps=tuple(grid.step if grid else None for grid in grids.values()),
        curves=tuple(_divide(kind, motions, sums) for kind in kinds),
        others=others,
        samples=len(inputs),
        wraps=options["wrap"],
        notes=notes,
    )


@dataclass(frozen=True)
class Kind:
    """The motions of one curve."""

    change: str
    unit: str
    amounts: tuple[float, ...]
    motions: tuple[Motion, ...]


def list_motions(extents: tuple[int, ...], options: Mapping[str, Any]) -> list[Kind]:
    """The motions of an input of these extents, kind by kind; shifts may reach half of an axis."""
    kinds = []
    for axis, extent in enumerate(extents):
        cells = [float(amount) for amount in options["shifts"] if 0 < abs(amount) <= extent / 2]
        kinds.append(
            Kind(f"shift along axis {axis}", "cells", tuple(cells), _map(shift, extents, axis, cells, options["wrap"]))
        )
    angles = [float(angle) for angle in options["angles"]]
    for plane in combinations(range(len(extents)), 2):
        where = "" if len(extents) == 2 else f" from axis {plane[0]} to {plane[1]}"
        turns = tuple(rotate(extents, plane, angle) for angle in angles)
        kinds.append(Kind(f"rotation{where}", "degrees", tuple(angles), turns))
    scales = [float(factor) for factor in options["scales"]]
    if any(factor <= 0 for factor in scales):
        raise InputError("invariance: found a scale of 0 or below, needed factors such as 0.5")
    kinds.append(Kind("scale", "times", tuple(scales), tuple(rescale(extents, factor) for factor in scales)))
    axes = range(len(extents))
    kinds.append(Kind("flip", "axis", tuple(map(float, axes)), tuple(flip(extents, axis) for axis in axes)))
    return [kind for kind in kinds if kind.amounts]


def _map(make: Any, extents: tuple[int, ...], axis: int, cells: Iterable[float], wraps: bool) -> tuple[Motion, ...]:
    return tuple(make(extents, axis, amount, wraps) for amount in cells)


def _take_inputs(look: Look, samples: int) -> Tensor:
    if samples < 1:
        raise InputError(f"invariance: option samples is {samples}, needed 1 or more")
    inputs = look.inputs[:samples] if look.inputs is not None else look.fetch(samples)[0] if look.fetch else None
    if inputs is None or not len(inputs):
        raise InputError("invariance: found no inputs, needed some to move. Name files, or a data set")
    if inputs.ndim < 3:
        raise InputError("invariance: found inputs without spatial axes, needed some to move along")
    place = next(iter(look.module.parameters()), inputs)
    return inputs.to(device=place.device, dtype=place.dtype)


def _sum_up(look: Look, batches: Iterable[Tensor], motions: list[Motion], grids: Mapping[str, Grid | None]) -> Tensor:
    """The sums of squares [layers, motions, 4]: apart and size for equivariance, then for invariance."""
    sums = torch.zeros(len(grids), len(motions), 4, dtype=torch.float64)
    batches = list(batches)
    for number, inputs in enumerate(batches):
        still = observe(look.module, inputs, list(grids))
        for place, motion in enumerate(motions):
            moved = observe(look.module, carry(inputs, motion)[0], list(grids))
            for row, (layer, grid) in enumerate(grids.items()):
                sums[row, place] += _compare(still[layer], moved[layer], motion, grid)
            if look.on_progress is not None:
                look.on_progress(number * len(motions) + place + 1, len(batches) * len(motions))
    return sums


def _compare(still: Tensor, moved: Tensor, motion: Motion, grid: Grid | None) -> Tensor:
    """Of one layer: squares of f(T x) - T f(x) and of T f(x) where both are seen, of f(T x) - f(x) and of f(x)."""
    apart = size = torch.tensor(math.nan)
    if grid is not None:
        carried, seen = carry(still, motion, grid)
        if bool(seen.any()):
            seen = seen.to(still.device)
            apart, size = _square((moved - carried) * seen), _square(carried)
    figures = (apart, size, _square(moved - still), _square(still))
    return torch.stack([figure.double().cpu() for figure in figures])


def _square(values: Tensor) -> Tensor:
    return values.double().square().sum()


def _divide(kind: Kind, motions: list[Motion], sums: Tensor) -> Curves:
    places = [next(place for place, each in enumerate(motions) if each is motion) for motion in kind.motions]
    ratios = [_ratio(sums[:, places, 2 * which], sums[:, places, 2 * which + 1]) for which in (0, 1)]
    return Curves(kind.change, kind.unit, kind.amounts, *ratios)


def _ratio(apart: Tensor, size: Tensor) -> Tensor:
    """The root of a ratio of sums of squares; a layer that is 0 both times is as it was."""
    return torch.where(apart == 0, apart, apart / size).sqrt()


def _compare_others(module: nn.Module, inputs: Tensor, layers: list[str]) -> tuple[float, ...]:
    """How far each sample is from the next one, in each layer; NaN where there is one alone."""
    if len(inputs) < 2:
        return (math.nan,) * len(layers)
    maps = observe(module, inputs, layers)
    found = (maps[layer] for layer in layers)
    return tuple(float(_ratio(_square(values - values.roll(1, 0)), _square(values))) for values in found)
