"""Input x gradient: what each cell of the input adds to the score, as far as the network is linear there."""

from __future__ import annotations

from striate.explain.backward.gradients import find_gradient
from striate.explain.question import Answer, Question


def explain_inputxgradient(question: Question) -> Answer:
    """The input times the score's gradient, summed over the channels; below 0 it speaks against the target.

    Where every layer is linear or a ReLU, without biases, the values sum to the score.

    Shape:   values [batch, *extents].
    Cost:    a forward and a backward pass.
    Raises:  InputError where the score doesn't hang on the inputs by gradients.
    Source:  Shrikumar, Greenside, Shcherbina, Kundaje 2016, section 3.1.
    """
    gradient = find_gradient(question, question.inputs, question.target)
    return Answer((question.inputs.detach() * gradient).sum(1))
