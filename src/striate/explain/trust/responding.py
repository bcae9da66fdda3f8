"""What a network makes of an input, 0 to 1: how sure it is of a class, or how strongly a unit fires."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.hooks import watch
from striate.explain.question import Question, pick, scores_of

Respond = Callable[[Tensor, int], Tensor]
"""What the network makes of inputs [rows, channels, *extents] that were made of the sample of this number: [rows]."""


def choose_response(question: Question) -> Respond:
    """The probability of each sample's target; where a unit was asked about, its firing.

    Shape:   [rows, channels, *extents] -> [rows], in float32.
    """
    return respond_by_class(question) if question.unit is None else respond_by_unit(question, question.unit)


def respond_by_class(question: Question) -> Respond:
    """The probability of each sample's target."""

    def respond(inputs: Tensor, sample: int) -> Tensor:
        with torch.no_grad():
            scores = scores_of(question.module, inputs).float()
        return pick(normalise_scores(scores), question.target[sample].expand(len(inputs)))

    return respond


def normalise_scores(scores: Tensor) -> Tensor:
    """Probabilities of scores [batch, classes]: by softmax, a lone score's by the sigmoid.

    Rows that are probabilities already (none below 0, summing to 1) are taken as they are.

    >>> normalise_scores(torch.tensor([[0.0, 0.0]])).tolist(), normalise_scores(torch.tensor([[0.0]])).tolist()
    ([[0.5, 0.5]], [[0.5]])
    >>> normalise_scores(torch.tensor([[0.75, 0.25]])).tolist()
    [[0.75, 0.25]]
    """
    if scores.shape[1] == 1:
        return scores.sigmoid()
    sums = scores.sum(1)
    if bool((scores >= 0).all()) and bool(torch.isclose(sums, torch.ones_like(sums), atol=1e-3).all()):
        return scores
    return scores.softmax(1)


def respond_by_unit(question: Question, unit: int) -> Respond:
    """How strongly a unit fires at its peak, as a share of its peak in the sample as it is, at most 1.

    Raises:  InputError where the question names no layer, or one without that unit.
    """
    if question.layer is None:
        raise InputError("layer: found none, needed the unit's. Name it")
    whole = [find_peak(question, one[None], unit)[0] for one in question.inputs]

    def respond(inputs: Tensor, sample: int) -> Tensor:
        peak = find_peak(question, inputs, unit)
        full = whole[sample]
        return (peak / full).clamp(0, 1) if full > 0 else torch.zeros_like(peak)

    return respond


def find_peak(question: Question, inputs: Tensor, unit: int) -> Tensor:
    """The greatest value of a unit's map in each input, [rows]."""
    path = question.layer or ""
    with torch.no_grad(), watch(question.module, [path]) as seen:
        question.module(inputs.clone())
    maps = seen[path]
    if not unit < maps.shape[1]:
        raise InputError(f"unit: found {unit}, but {path} has {maps.shape[1]} of them, from 0")
    return maps[:, unit].flatten(1).float().amax(1)
