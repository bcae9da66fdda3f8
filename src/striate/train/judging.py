"""A network's answers, worked out by all ranks: each sample by one of them, and all answers known to each."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from striate.engine import Engine
from striate.train.batches import Samples
from striate.train.inference import compute_kept
from striate.train.learner import Learner
from striate.train.ranks import find_ranks
from striate.train.recipe import Recipe
from striate.train.tasks import CLASSIFY, Task


def gather_kept(
    module: nn.Module,
    samples: Samples,
    recipe: Recipe,
    engine: Engine,
    on_progress: Callable[[int, int], None] | None = None,
    task: Task = CLASSIFY,
) -> NDArray[np.float32]:
    """What `compute_kept` gives, for which all ranks must call this alike; of few samples each works out all.

    Shape: [count, ...]; for classes [count, classes].
    """

    def work(places: slice) -> NDArray[np.float32]:
        part = samples.cut(places)
        return compute_kept(module, part, recipe, engine, on_progress=on_progress, task=task, first=places.start)

    return share_out(work, samples.count)


def validate_learner(learner: Learner, held_out: Samples | None) -> tuple[float | None, float | None]:
    """Loss and merit of what a learner would end with now; None without samples, and for a loss that overflows."""
    if held_out is None:
        return None, None
    with learner.averaged():
        kept = gather_kept(learner.module, held_out, learner.recipe, learner.engine, task=learner.task)
    loss, merit = learner.task.validate(torch.from_numpy(kept), held_out.labels.cpu())
    return loss if math.isfinite(loss) else None, merit


def share_out(work: Callable[[slice], NDArray[np.float32]], count: int) -> NDArray[np.float32]:
    """The rows that `work` gives for `count` samples, one each, where each rank works on its part of them.

    >>> share_out(lambda places: 2 * np.float32([[1], [3]])[places], 2).tolist()
    [[2.0], [6.0]]
    """
    ranks = find_ranks()
    return work(slice(0, count)) if count < ranks.count else ranks.gather(work(ranks.take(count)), count)
