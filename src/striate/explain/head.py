"""The head of a network: all that comes after a layer. One pass gives the layer's maps and what the head makes of them.

The part below the layer runs without gradients, so that this costs hardly more than the pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.averaging import read_gradient
from striate.explain.hooks import find_part, list_calls, list_calls_from, start_gradients_at
from striate.explain.layers import (
    Call,
    choose_layer,
    count_calls,
    find_last,
    find_mixed,
    guess_layer,
    name_layer,
    pick_layer,
    read_calls,
)
from striate.explain.question import Answer, Question, scores_of, settle_targets
from striate.explain.resizing import resize_maps

Found = tuple[str, dict[str, Tensor], Tensor, list[Call]]
"""A layer, its maps by its path, the scores, and what was called."""


@dataclass(frozen=True)
class Head:
    """A layer's maps [batch, channels, *cells], and the scores [batch, classes], to differentiate by them."""

    layer: str
    maps: Tensor
    scores: Tensor
    target: Tensor
    notes: tuple[str, ...] = ()


def run_head(question: Question) -> Head:
    """One pass of the network, with gradients from the layer on; two where the layer had to be found.

    Raises:  InputError for a layer that can't be read, or that the scores don't depend on.
    """
    module, inputs = question.module, question.inputs
    found, layer = None, name_layer(module, question.layer)
    if layer is None and (guess := guess_layer(module, inputs.ndim - 2)):
        found, layer = _try_guess(question, guess)
    if found is None:
        found = _pass_through(question, layer or choose_layer(module, inputs))
    layer, seen, scores, calls = found
    if layer not in seen or not scores.requires_grad:
        raise InputError(f"layer {layer}: no gradient leads to it from the scores. Name another, or take occlusion")
    target = settle_targets(scores.detach(), question.target)
    return Head(layer, seen[layer], scores, target, count_calls(module, calls, layer))


def differentiate(head: Head) -> Tensor:
    """The gradient of each input's score by the layer's maps, of their shape; that of no parameter.

    Raises:  InputError where the scores don't depend on the maps.
    """
    known = read_gradient(head.scores, head.maps, head.target)
    return _differentiate(head) if known is None else spread(known, head.maps).expand_as(head.maps)


def average_gradient(head: Head) -> Tensor:
    """The mean of that gradient over each map, [batch, channels].

    Raises:  InputError where the scores don't depend on the maps.
    """
    known = read_gradient(head.scores, head.maps, head.target)
    return _differentiate(head).flatten(2).mean(2) if known is None else known


def _differentiate(head: Head) -> Tensor:
    chosen = torch.zeros_like(head.scores).scatter_(1, head.target[:, None], 1)
    (gradient,) = torch.autograd.grad(head.scores, [head.maps], [chosen], allow_unused=True)
    if gradient is None:
        raise InputError(f"layer {head.layer}: the scores don't depend on its output. Name another")
    return gradient


def answer_by(question: Question, head: Head, cells: Tensor) -> Answer:
    """What a method found in one value for each cell, [batch, *cells]: brought to the input's extents."""
    values = resize_maps(cells, question.inputs.shape[2:])
    return Answer(values, head.layer, head.notes, head.scores.detach(), head.target)


def spread(weights: Tensor, maps: Tensor) -> Tensor:
    """Numbers [batch, channels], with axes of 1 to multiply maps by."""
    return weights.reshape(*weights.shape, *[1] * (maps.ndim - 2))


def _pass_through(question: Question, layer: str) -> Found:
    module, inputs = question.module, question.inputs
    with list_calls(module) as done, start_gradients_at(module, layer) as seen:
        scores = scores_of(module, inputs)
    calls = read_calls([call[1:] for call in done], inputs.shape)
    return pick_layer(module, calls, layer), seen, scores, calls


def _try_guess(question: Question, guess: str) -> tuple[Found | None, str | None]:
    """One pass, which is enough if the guess proves right in it; else which layer proved better, if any was seen."""
    module, inputs = question.module, question.inputs
    with list_calls_from(module, guess) as done, start_gradients_at(module, guess) as seen:
        scores = scores_of(module, inputs)
    calls = read_calls(done, inputs.shape, find_mixed(module, guess))
    newest = next((call.part for call in reversed(calls) if not call.problem), None)
    last = guess if newest is find_part(module, guess) else find_last(module, calls)
    return ((guess, seen, scores, calls) if last == guess else None), last
