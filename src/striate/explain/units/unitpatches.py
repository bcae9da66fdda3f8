"""The view `patches`: for units of a layer the places in the data where they fire most, and what they saw there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from striate.errors import InputError
from striate.explain.ascent.units import choose_units, count_units, make_sample
from striate.explain.heat import Patches
from striate.explain.hooks import untouched
from striate.explain.layers import choose_layer
from striate.explain.look import Look
from striate.explain.options import settle_options
from striate.explain.units.patches import find_patches, project_patches

PATCHES: Mapping[str, Any] = {"count": 9, "units": None, "samples": 1000, "rows": 64}


@dataclass(frozen=True)
class UnitPatches:
    """For each of some units of a layer its patches, the strongest first, found among so many samples.

    `mean` and `std` undo the normalisation of the patches, where known. Projections are missing where a network has
    no ReLUs; `notes` say so.
    """

    name: str
    layer: str
    units: tuple[int, ...]
    patches: tuple[Patches, ...] = field(repr=False)
    searched: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    rate: int | None = None
    notes: tuple[str, ...] = ()


def find_unit_patches(look: Look) -> UnitPatches:
    """Find the patches of the units named (the first ones of the layer, where none is), and project them down.

    Cost:    a forward pass of `samples` samples; two passes for each unit.
    Raises:  InputError where there is no data, or for a layer or a unit that there isn't.
    Source:  Zeiler, Fergus 2014, figure 2.
    """
    options = settle_options("patches", PATCHES, look.options)
    look = replace(look, options=options)
    for name in ("count", "samples", "rows"):
        if options[name] < 1:
            raise InputError(f"{name}: found {options[name]}, needed a whole number from 1")
    if look.fetch is None:
        raise InputError("patches: needs a data set to search. Give one")
    with untouched(look.module):
        samples, _ = look.fetch(options["samples"])
        layer = choose_layer(look.module, make_sample(look)) if look.layer is None else look.layer
        units = choose_units(look, count_units(look, layer))
        chosen = {"count": options["count"], "rows": options["rows"], "on_progress": look.on_progress}
        found = find_patches(look.module, samples, layer, units, **chosen)
        notes: tuple[str, ...] = ()
        try:
            found = tuple(
                project_patches(look.module, samples, layer, unit, patches, options["rows"])
                for unit, patches in zip(units, found, strict=True)
            )
        except InputError as problem:
            notes = (f"Without projections: {problem}.",)
    return UnitPatches(
        look.name, layer, units, found, len(samples), mean=look.mean, std=look.std, rate=look.rate, notes=notes
    )
