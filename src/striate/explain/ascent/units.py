"""The view `visualise`: inputs that units of a layer answer to most, or that any objective asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from striate.errors import InputError
from striate.explain.ascent.grammar import read_objective
from striate.explain.ascent.objectives import Unit
from striate.explain.ascent.visualisation import SETTINGS, Visualisation, visualise
from striate.explain.hooks import watch
from striate.explain.layers import choose_layer
from striate.explain.look import Look

MOST_UNITS = 16  # where none are named
SPOTS = ("mean", "centre")
UNIT_OPTIONS: Mapping[str, Any] = {"units": None, "spot": "mean", "objective": "", **SETTINGS}


def visualise_units(look: Look) -> Visualisation:
    """Make an input for each unit named (the first ones of the layer, where none is), or one for a written objective.

    Raises:  InputError for a layer, a unit or an objective that there isn't.
    Source:  Olah et al. 2017, doi:10.23915/distill.00007.
    """
    options = look.options
    if options["objective"]:
        if look.layer is not None or look.unit is not None or options["units"] is not None:
            raise InputError("objective: names its own layers and units. Leave the others out")
        objective = read_objective(options["objective"], look.classes)
        return visualise(look, [objective], title=f"What {look.name} likes")
    if options["spot"] not in SPOTS:
        raise InputError(f"spot: found {options['spot']}, needed one of {', '.join(SPOTS)}")
    sample = make_sample(look)
    layer = choose_layer(look.module, sample) if look.layer is None else look.layer
    units = choose_units(look, count_units(look, layer))
    objectives = [Unit(layer, unit, options["spot"]) for unit in units]
    labels = tuple(f"unit {unit}" for unit in units)
    return visualise(look, objectives, title=f"What units of {layer} like", labels=labels, layer=layer)


def make_sample(look: Look) -> torch.Tensor:
    """One empty input, to see what comes of it."""
    own = next((each for each in look.module.parameters() if each.is_floating_point()), torch.empty(0))
    return torch.zeros(1, *look.input, dtype=own.dtype, device=own.device)


def count_units(look: Look, layer: str) -> int:
    """How many units a layer has.

    Raises:  InputError where it isn't run, or puts out no units.
    """
    with torch.no_grad(), watch(look.module, [layer]) as seen:
        look.module(make_sample(look))
    if layer not in seen:
        raise InputError(f"layer {layer}: it isn't run when the network answers. Name another")
    if seen[layer].ndim < 2:
        raise InputError(f"layer {layer}: found an output of {list(seen[layer].shape)}, needed batch and units")
    return seen[layer].shape[1]


def choose_units(look: Look, count: int) -> tuple[int, ...]:
    """The units named, by `unit` or the option `units`; else the first ones.

    Raises:  InputError for one that isn't a unit of the layer.
    """
    named = look.options["units"]
    if look.unit is not None and named is not None:
        raise InputError("units: found both unit and units, needed one of them")
    if look.unit is None and named is None:
        return tuple(range(min(count, MOST_UNITS)))
    listed = (look.unit,) if named is None else (named,) if isinstance(named, int) else named
    units = tuple(listed) if isinstance(listed, tuple | list | range) else (listed,)
    for unit in units:
        if not isinstance(unit, int) or isinstance(unit, bool) or not 0 <= unit < count:
            raise InputError(f"units: found {unit!r}, needed numbers from 0 to {count - 1}")
    if not units:
        raise InputError("units: found none, needed at least one")
    return units
