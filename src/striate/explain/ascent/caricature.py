"""The view `caricature`: what a layer noticed in an input, drawn larger than life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from striate.errors import InputError
from striate.explain.ascent.likeness import Likeness
from striate.explain.ascent.visualisation import SETTINGS, Visualisation, find_bounds, find_scale, visualise
from striate.explain.hooks import watch
from striate.explain.layers import choose_layer
from striate.explain.look import Look

CARICATURE_OPTIONS: Mapping[str, Any] = {
    "power": 1.0,
    **{name: value for name, value in SETTINGS.items() if name not in ("size", "limit")},
    "jitter": 1,
    "rotation": 0.0,
    "scaling": 0.0,
}


def caricature(look: Look) -> Visualisation:
    """Make, for each input, one that drives a layer further the way that the input drove it: all its units, in place.

    A layer that passes nearly everything on gives the input back; what a deep one leaves out, it didn't notice.
    `power` is how much more likeness counts than strength.

    Raises:  InputError for a layer that isn't run.
    Source:  Carter et al. 2019, doi:10.23915/distill.00015.
    """
    inputs = look.inputs
    if inputs is None:
        raise InputError("caricature: needs inputs to exaggerate. Name some")
    layer = choose_layer(look.module, inputs) if look.layer is None else look.layer
    with torch.no_grad(), watch(look.module, [layer]) as seen:
        look.module(inputs)
    if layer not in seen:
        raise InputError(f"layer {layer}: it isn't run when the network answers. Name another")
    names = tuple(name.replace("\\", "/").rpartition("/")[2] for name in look.names)
    names = names or tuple(f"input {number}" for number in range(len(inputs)))
    power = look.options["power"]
    objectives = [Likeness(layer, pattern, power, name) for pattern, name in zip(seen[layer], names, strict=True)]
    settled = replace(look, input=tuple(inputs.shape[1:]), options={**look.options, "size": None, "limit": "range"})
    sources = find_scale(find_bounds(settled)[0], inputs).cpu()
    return visualise(settled, objectives, title=f"What {layer} noticed", labels=names, layer=layer, sources=sources)
