"""A network's answers, worked out by all ranks: each sample by one of them, and all answers known to each."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from striate.engine import Engine
from striate.train.batches import Array, Samples
from striate.train.inference import compute_logits
from striate.train.learner import Learner
from striate.train.ranks import find_ranks
from striate.train.recipe import Recipe
from striate.train.tasks import CLASSIFY, Task


def gather_logits(
    module: nn.Module,
    inputs: Array,
    recipe: Recipe,
    engine: Engine,
    on_progress: Callable[[int, int], None] | None = None,
    task: Task = CLASSIFY,
) -> NDArray[np.float32]:
    """What `compute_logits` gives, for which all ranks must call this alike; of few inputs each works out all.

    Shape: [count, classes].
    """
    return share_out(
        lambda part: compute_logits(module, part, recipe, engine, on_progress=on_progress, task=task), inputs
    )


def validate_learner(learner: Learner, held_out: Samples | None) -> tuple[float | None, float | None]:
    """Loss and merit of what a learner would end with now; None without samples, and for a loss that overflows."""
    if held_out is None:
        return None, None
    with learner.averaged():
        logits = gather_logits(learner.module, held_out.inputs, learner.recipe, learner.engine, task=learner.task)
    loss, merit = learner.task.validate(torch.from_numpy(logits), held_out.labels.cpu())
    return loss if math.isfinite(loss) else None, merit


def share_out(work: Callable[[Any], NDArray[np.float32]], inputs: Array) -> NDArray[np.float32]:
    """The rows that `work` gives for the inputs, one each, where each rank works on its part of them.

    >>> share_out(lambda part: 2 * part, np.float32([[1], [3]])).tolist()
    [[2.0], [6.0]]
    """
    ranks, count = find_ranks(), len(inputs)
    return work(inputs) if count < ranks.count else ranks.gather(work(inputs[ranks.take(count)]), count)
