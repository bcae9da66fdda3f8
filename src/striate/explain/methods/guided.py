"""Guided backpropagation: the gradient, of which every ReLU lets pass only what is positive on both ways."""

from __future__ import annotations

from striate.explain.backward.gradients import find_ruled_gradient, take_strongest
from striate.explain.question import Answer, Question


def explain_guided(question: Question) -> Answer:
    """The magnitude of the guided gradient, the largest over the channels.

    Shape:   values [batch, *extents].
    Cost:    a forward and a backward pass.
    Raises:  InputError where the network has no ReLU, or one could hide.
    Source:  Springenberg, Dosovitskiy, Brox, Riedmiller 2015, section 3.4.
    """
    gradient, notes = find_ruled_gradient(question, "guided")
    return Answer(take_strongest(gradient), notes=notes)
