"""The gradient of a network's score by its inputs, plain or by a rule for ReLUs: what half the methods begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import torch
from torch import Tensor
from torch.utils.checkpoint import CheckpointError

from striate.errors import InputError
from striate.explain.backward.inplace import in_sight
from striate.explain.backward.rectifiers import Rule, rectified
from striate.explain.question import Question

Notes: TypeAlias = "tuple[str, ...]"


def find_gradient(question: Question, inputs: Tensor, target: Tensor) -> Tensor:
    """The gradient of each target's score by its own input.

    Shape:   that of `inputs`, [batch, channels, *extents].
    Raises:  InputError where the score doesn't hang on the inputs by gradients.
    """
    with torch.enable_grad():
        leaf = open_inputs(inputs)
        return differentiate(question.score(leaf, target).sum(), leaf)


def find_ruled_gradient(question: Question, rule: Rule) -> tuple[Tensor, Notes]:
    """The gradient of each target's score by its own input, by a rule at every ReLU; and what should be known of it.

    Raises:  InputError as `find_gradient` and `rectified` do.
    """
    with torch.enable_grad():
        leaf = open_inputs(question.inputs)
        with in_sight(question.module):
            score = question.score(leaf).sum()
        with naming_checkpoints(), rectified([score], rule) as notes:
            return differentiate(score, leaf), notes


def open_inputs(inputs: Tensor) -> Tensor:
    """A leaf to differentiate by, which shares nothing with the inputs."""
    return inputs.detach().clone().requires_grad_()


def differentiate(score: Tensor, leaf: Tensor, *, keep: bool = False) -> Tensor:
    """The gradient of a number by a leaf; `keep` leaves the graph for another.

    Raises:  InputError where the one doesn't hang on the other.
    """
    found = None
    if score.requires_grad:
        (found,) = torch.autograd.grad(score, leaf, allow_unused=True, retain_graph=keep)
    if found is None:
        raise InputError(
            "the network: found a score that doesn't hang on the inputs by gradients, needed one that does. "
            "Take occlusion or rise, which need none"
        )
    return found


def take_strongest(gradient: Tensor) -> Tensor:
    """How strong a gradient is at each place: of its channels the largest magnitude, [batch, *extents]."""
    return gradient.abs().amax(1)


@contextmanager
def naming_checkpoints() -> Iterator[None]:
    """Say in plain words that a checkpoint kept a ReLU from being looked at."""
    try:
        yield
    except CheckpointError as problem:
        raise InputError(
            "the network: found a checkpoint, which hides what a ReLU was fed, needed plain operations. "
            "Take the module without checkpoints, or another method"
        ) from problem
