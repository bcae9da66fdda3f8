"""Saliency: how strongly the score answers to a small change of each cell of the input."""

from __future__ import annotations

from striate.explain.backward.gradients import find_gradient, take_strongest
from striate.explain.question import Answer, Question


def explain_saliency(question: Question) -> Answer:
    """The magnitude of the score's gradient, the largest over the channels.

    Shape:   values [batch, *extents].
    Cost:    a forward and a backward pass.
    Raises:  InputError where the score doesn't hang on the inputs by gradients.
    Source:  Simonyan, Vedaldi, Zisserman 2014, section 3.1.
    """
    return Answer(take_strongest(find_gradient(question, question.inputs, question.target)))
