"""The view `classpictures`: for each class the input that the network would most surely call so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from striate.errors import InputError
from striate.explain.ascent.objectives import ClassScore
from striate.explain.ascent.units import make_sample
from striate.explain.ascent.visualisation import SETTINGS, Visualisation, visualise
from striate.explain.look import Look
from striate.explain.question import scores_of

MOST_CLASSES = 20  # where none are named
CLASS_OPTIONS: Mapping[str, Any] = {"targets": None, **SETTINGS}


def visualise_classes(look: Look) -> Visualisation:
    """Make an input for each class named by its number in `targets`, else for each of the first ones.

    Beside the score stands the probability of the class: how surely it is called so.

    Raises:  InputError for a class that there isn't.
    Source:  Simonyan, Vedaldi and Zisserman 2013, arXiv:1312.6034, sec. 2.
    """
    with torch.no_grad():
        count = scores_of(look.module, make_sample(look)).shape[1]
    targets = choose_classes(look.options["targets"], count)
    names = [look.classes[target] if target < len(look.classes) else "" for target in targets]
    objectives = [ClassScore(target, name) for target, name in zip(targets, names, strict=True)]
    labels = tuple(name or f"class {target}" for target, name in zip(targets, names, strict=True))
    made = visualise(look, objectives, title=f"What {look.name} takes for each class", labels=labels)
    return replace(made, captions=_judge(look, made, targets))


def choose_classes(named: Any, count: int) -> tuple[int, ...]:
    """The classes named, else the first ones.

    Raises:  InputError for one that there isn't.

    >>> choose_classes(None, 3), choose_classes(2, 3)
    ((0, 1, 2), (2,))
    """
    if named is None:
        return tuple(range(min(count, MOST_CLASSES)))
    targets = tuple(named) if isinstance(named, tuple | list | range) else (named,)
    for target in targets:
        if not isinstance(target, int) or isinstance(target, bool) or not 0 <= target < count:
            raise InputError(f"targets: found {target!r}, needed classes from 0 to {count - 1}")
    if not targets:
        raise InputError("targets: found none, needed at least one class")
    return targets


def _judge(look: Look, made: Visualisation, targets: tuple[int, ...]) -> tuple[str, ...]:
    """The score of each picture's class, and how likely the network finds it."""
    own = make_sample(look)
    with torch.no_grad():
        scores = scores_of(look.module, made.inputs.to(own)).double()
    if scores.shape[1] == 1:
        return made.captions
    chosen = scores.softmax(1).gather(1, torch.tensor(targets, device=scores.device)[:, None]).squeeze(1).tolist()
    pairs = zip(made.reached, chosen, strict=True)
    return tuple(f"score {reached:.3g}, {min(100 * share, 99.9):.3g} %" for reached, share in pairs)
