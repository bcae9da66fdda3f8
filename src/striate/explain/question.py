"""What is asked of a method: which network, which inputs, about which class of each, at which layer or unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.explain.heat import Patches

Hear = Callable[[int, int], None]
Target = int | Sequence[int] | Tensor | None
HIGHEST = -1
"""Stands for the class of the highest score, until the scores are known."""


@dataclass(frozen=True)
class Question:
    """One network and a batch of inputs; for each input the class that is asked about.

    `inputs` are [batch, channels, *extents] as the network takes them, `target` [batch] of whole numbers (HIGHEST only
    for a method whose one pass also finds the scores). A method that doesn't look at a layer or a unit refuses one that
    is named. `samples` are inputs of a data set, for the methods that search one. `rows` is how many inputs may pass
    at a time; `on_progress(done, total)` hears of long work. `meaning` is what the scores stand for: `classes` (one of
    which is right), `labels` (each by itself), `numbers`, or `cells` (classes of each cell).
    """

    module: nn.Module
    inputs: Tensor
    target: Tensor
    layer: str | None = None
    unit: int | None = None
    seed: int = 0
    rows: int = 64
    samples: Tensor | None = field(default=None, repr=False)
    on_progress: Hear | None = field(default=None, repr=False)
    meaning: str = "classes"

    def score(self, inputs: Tensor, target: Tensor | None = None) -> Tensor:
        """The network's score of each input's target, [batch], in one pass; gradients flow if they are on."""
        return pick(scores_of(self.module, inputs), self.target if target is None else target)


@dataclass(frozen=True)
class Answer:
    """What a method found: `values` [batch, *extents]; the layer that it looked at, and what should be known of it.

    `scores` [batch, classes] and `target` [batch], as settled by them, are those of the pass, where the method made
    only one; `patches` what a unit likes.
    """

    values: Tensor
    layer: str | None = None
    notes: tuple[str, ...] = ()
    scores: Tensor | None = field(default=None, repr=False)
    target: Tensor | None = field(default=None, repr=False)
    patches: Patches | None = field(default=None, repr=False)


def scores_of(module: nn.Module, inputs: Tensor) -> Tensor:
    """The scores of each class, [batch, classes]: the main output where there are side heads; a lone number is a class.

    Of a network that scores every cell of its input, the mean over the cells.

    The network gets a copy of the inputs: it may begin with a layer that works in place.

    Raises:  ShapeError where the network answers with anything else.
    """
    output = module(inputs.clone())
    main = output[0] if isinstance(output, tuple | list) and output else output
    if not isinstance(main, Tensor):
        raise ShapeError(f"the network: found an answer of type {type(main).__name__}, needed a tensor of class scores")
    if main.ndim == 1 and len(main) == len(inputs):
        main = main[:, None]
    if main.ndim > 2 and (main.shape[2:].numel() == 1 or main.shape[2:] == inputs.shape[2:]):
        main = main.flatten(2).mean(2)
    if main.ndim != 2 or len(main) != len(inputs) or not main.shape[1]:
        found = "x".join(map(str, main.shape)) or "a single number"
        raise ShapeError(f"the network: found an answer of {found}, needed one row of class scores for each input")
    return main


def pick(scores: Tensor, target: Tensor) -> Tensor:
    """Of each row the target's score, [batch]."""
    return scores.gather(1, target.to(scores.device)[:, None]).squeeze(1)


def read_targets(target: Target, count: int) -> Tensor:
    """The classes that were named, one for each of `count` inputs; HIGHEST for each if none were.

    Raises:  InputError for another number of classes than inputs, and for what is no class.

    >>> read_targets(3, 2).tolist(), read_targets(None, 2).tolist()
    ([3, 3], [-1, -1])
    """
    if target is None:
        return torch.full((count,), HIGHEST)
    try:
        chosen = torch.as_tensor(target)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"target: found {target!r}, needed whole numbers, such as 0") from None
    if chosen.is_floating_point() or chosen.is_complex() or chosen.dtype == torch.bool:
        raise InputError(f"target: found {chosen.dtype}, needed whole numbers, such as 0")
    chosen = chosen.to(torch.int64).reshape(-1)
    if len(chosen) == 1:
        chosen = chosen.expand(count)
    if len(chosen) != count:
        raise InputError(f"target: found {len(chosen)} for {count} inputs, needed one, or one for each")
    if bool((chosen < 0).any()):
        raise InputError(f"target: found {int(chosen.min())}, needed a class from 0 on")
    return chosen


def settle_targets(scores: Tensor, target: Tensor) -> Tensor:
    """The same targets, with HIGHEST replaced by the class of the highest score of each input.

    Raises:  InputError for a class that there isn't, and for scores that aren't finite.
    """
    classes = scores.shape[1]
    if not are_finite(scores):
        place = int((~scores.isfinite()).any(1).nonzero()[0])
        raise InputError(
            f"input {place}: the network's scores aren't finite, needed numbers. Look at input and weights"
        )
    highest = max(target.tolist())  # in half the time of a tensor's
    if highest >= classes:
        raise InputError(f"target: found {highest}, needed a class from 0 to {classes - 1}")
    if highest == HIGHEST:
        return scores.argmax(1)
    target = target.to(scores.device)
    return torch.where(target == HIGHEST, scores.argmax(1), target)


def are_finite(values: Tensor) -> bool:
    """Whether all of these are numbers: asked of their sum, which takes a third of the time, and only then of each.

    >>> are_finite(torch.tensor([1.0, float("nan")])), are_finite(torch.tensor([3e38, 3e38]))
    (False, True)
    """
    return math.isfinite(values.sum().item()) or bool(values.isfinite().all())


def choose_targets(scores: Tensor, target: Target) -> Tensor:
    """The classes to ask about: the ones named, else the one of the highest score of each input.

    Raises:  InputError for a class that there isn't, or for another number of classes than inputs.

    >>> choose_targets(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), None).tolist()
    [1, 0]
    """
    return settle_targets(scores, read_targets(target, len(scores)))
