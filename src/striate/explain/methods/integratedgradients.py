"""Integrated gradients: the score's rise from an empty input to this one, shared out among the cells without a rest."""

from __future__ import annotations

import torch

from striate.explain.backward.paths import follow_path
from striate.explain.question import Answer, Question

TOLERANCES = {torch.float64: 1e-5}
LOOSE = 1e-3
"""How large the rest may be against the score's rise, where the type is coarser than float64."""


def explain_integratedgradients(question: Question) -> Answer:
    """The gradient integrated along the straight line from zero to the input, times the input, summed over the
    channels.

    Zero is the mean of the data where inputs are normalised. The values of each input sum to its score less that of
    zero; where more than the tolerance is left over (1e-5 of the rise in float64, else 1e-3), a note says how much.

    Shape:   values [batch, *extents].
    Cost:    for each input 64 forward and backward passes and 33 forward passes; often twice that, and at most eight
             times, where the score bends sharply along the line.
    Raises:  InputError where the score doesn't hang on the inputs by gradients.
    Source:  Sundararajan, Taly, Yan 2017, section 3 and proposition 1.
    """
    tolerance = TOLERANCES.get(question.inputs.dtype, LOOSE)
    values, notes = [], []
    for place in range(len(question.inputs)):
        path = follow_path(question, place, tolerance)
        values.append(path.gradient.mul(question.inputs[place].detach()).sum(0))
        if abs(path.rest) > tolerance * abs(path.rise):
            notes.append(f"of the score's rise of {path.rise:.3g} from zero to the input, {path.rest:.1g} is left over")
        if question.on_progress is not None:
            question.on_progress(place + 1, len(question.inputs))
    return Answer(torch.stack(values), notes=tuple(notes))
