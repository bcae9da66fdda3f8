"""What a network makes of an input, 0 to 1: how sure of a class it is, how high a number, how strongly a unit fires."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.covering.symbols import has_symbols
from striate.explain.hooks import watch
from striate.explain.question import Question, pick, scores_of
from striate.explain.trust.starts import make_start

Respond = Callable[[Tensor, int], Tensor]
"""What the network makes of inputs [rows, channels, *extents] that were made of the sample of this number: [rows]."""


def choose_response(question: Question) -> Respond:
    """The probability of each sample's target, or the height of a number; where a unit was asked about, its firing.

    What is measured is said by `SCALES`.

    Shape:   [rows, channels, *extents] -> [rows], in float32.
    """
    if question.unit is not None:
        return respond_by_unit(question, question.unit)
    return respond_by_number(question) if question.meaning == "numbers" else respond_by_class(question)


def respond_by_class(question: Question) -> Respond:
    """The probability of each sample's target."""

    def respond(inputs: Tensor, sample: int) -> Tensor:
        with torch.no_grad():
            scores = scores_of(question.module, inputs).float()
        shares = scores.sigmoid() if question.meaning == "labels" else normalise_scores(scores)
        return pick(shares, question.target[sample].expand(len(inputs)))

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


def respond_by_number(question: Question) -> Respond:
    """How high the target's number is: 0 the lowest, 1 the highest of three; what lies beyond counts as one of these.

    The three are what the network says of the sample, of zeros, and of what insertion begins with. Where they are all
    the same there is no height, and 0 is given.
    """

    def ask(inputs: Tensor, sample: int) -> Tensor:
        with torch.no_grad():
            scores = scores_of(question.module, inputs).double()
        return pick(scores, question.target[sample].expand(len(inputs)))

    symbols = has_symbols(question.module)
    ends = [torch.stack([one, torch.zeros_like(one), make_start(one, symbols=symbols)]) for one in question.inputs]
    known = [ask(three, sample) for sample, three in enumerate(ends)]

    def respond(inputs: Tensor, sample: int) -> Tensor:
        low, high = known[sample].min(), known[sample].max()
        numbers = ask(inputs, sample)
        return ((numbers - low) / (high - low)).clamp(0, 1).float() if high > low else torch.zeros_like(numbers).float()

    return respond


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
