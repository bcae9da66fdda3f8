"""Deconvnet: what one unit saw, its strongest answer sent back through the network turned around."""

from __future__ import annotations

import torch

from striate.errors import InputError
from striate.explain.backward.gradients import take_strongest
from striate.explain.backward.projection import Projection, project
from striate.explain.hooks import tap
from striate.explain.layers import choose_layer
from striate.explain.question import Answer, Question
from striate.explain.units.patches import find_patches, project_patches


def explain_deconvnet(question: Question) -> Answer:
    """The magnitude of a unit's projection, the largest over the channels; beside it the places of a data set that it
    likes.

    It is one unit of a layer that is projected, not the score: the named one, else of each input the one that speaks
    most for its target (a note says which). Where samples of a data set are given, the 9 in which the first input's
    unit fires most come as patches with their own projections.

    Shape:   values [batch, *extents].
    Cost:    two forward and backward passes; for the patches a forward pass of every sample.
    Raises:  InputError where the network has no ReLU, or one could hide; for a unit that there isn't.
    Source:  Zeiler, Fergus 2014, section 2.1 and figure 2.
    """
    layer = _name_layer(question)
    target = question.target if question.unit is None else None
    found = project(question.module, question.inputs, layer, unit=question.unit, target=target)
    patches = None
    if question.samples is not None:
        (patches,) = find_patches(
            question.module,
            question.samples,
            layer,
            found.unit[:1],
            rows=question.rows,
            on_progress=question.on_progress,
        )
        patches = project_patches(question.module, question.samples, layer, found.unit[0], patches)
    notes = [_describe(found, layer), *found.notes]
    if patches is not None and len(set(found.unit)) > 1:
        notes.append(f"the patches are those of unit {found.unit[0]}")
    return Answer(take_strongest(found.values), layer, tuple(notes), patches=patches)


def _name_layer(question: Question) -> str:
    """The layer that was named, or the last with places. A layer of lone units, without places, may be named too."""
    try:
        return choose_layer(question.module, question.inputs, question.layer)
    except InputError:
        if question.layer is None:
            raise
        with torch.no_grad(), tap(question.module, question.layer) as seen:
            question.module(question.inputs[:1].clone())
        if question.layer not in seen or seen[question.layer].ndim != 2:
            raise
        return question.layer


def _describe(found: Projection, layer: str) -> str:
    sent = [
        f"unit {unit} at {'x'.join(map(str, cell)) or '0'}" + ("" if strength > 0 else ", which is silent")
        for unit, cell, strength in zip(found.unit, found.cell, found.strength, strict=True)
    ]
    return f"of {layer} was projected, input by input: {'; '.join(sent)}"
