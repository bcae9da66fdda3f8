"""Several views of one input, and the mean of what a network says of them (test-time augmentation).

The mirror image, and either one moved by a cell or so along the diagonal. A second look costs as much as the first, so
only inputs are looked at again of which the first answer was not sure; what is said of an input doesn't depend on the
others in its batch.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from striate.train.recipe import Recipe

Ask = Callable[[Tensor], Tensor]


def answer(ask: Ask, batch: Tensor, recipe: Recipe) -> Tensor:
    """The class scores of a batch; of unsure inputs their mean over the views that the recipe names.

    With a nudge, half of the weight is on the plain input (with its mirror image), half on the two that were moved.

    Shape:  [count, classes].
    Source: Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv:2404.00498, section 3.6.

    >>> recipe = Recipe(epochs=1, mean=(0.0,), std=(1.0,), mirror=True)
    >>> answer(lambda batch: batch[:, 0, :2], torch.tensor([[[1.0, 0.0, 5.0]]]), recipe)
    tensor([[3., 0.]])
    """
    scores = ask(batch)
    if not (recipe.mirror or recipe.nudge):
        return scores
    if recipe.unsure >= 1:
        return look_again(ask, batch, scores, recipe)
    unsure = (scores.softmax(1).amax(1) < recipe.unsure).nonzero()[:, 0]
    if len(unsure):
        scores = scores.index_copy(0, unsure, look_again(ask, batch[unsure], scores[unsure], recipe))
    return scores


def look_again(ask: Ask, batch: Tensor, plain: Tensor, recipe: Recipe) -> Tensor:
    """The mean over all views; `plain` are the scores of the inputs as they are."""
    scores = (plain + ask(batch.flip(-1))) / 2 if recipe.mirror else plain
    if not recipe.nudge:
        return scores
    moved = [nudge(batch, recipe.nudge), nudge(batch, -recipe.nudge)]
    views = [*moved, *(view.flip(-1) for view in moved)] if recipe.mirror else moved
    return (scores + torch.stack([ask(view) for view in views]).mean(0)) / 2


def nudge(batch: Tensor, cells: int) -> Tensor:
    """The batch moved by so many cells along every spatial axis; what comes in at an edge is mirrored there.

    >>> nudge(torch.tensor([[[1, 2, 3, 4]]]), 1), nudge(torch.tensor([[[1, 2, 3, 4]]]), -1)
    (tensor([[[2, 1, 2, 3]]]), tensor([[[2, 3, 4, 3]]]))
    """
    for axis in range(2, batch.ndim):
        extent = batch.shape[axis]
        most = max(-(extent - 1), min(extent - 1, cells))
        places = (torch.arange(extent, device=batch.device) - most).abs()
        batch = batch.index_select(axis, torch.where(places >= extent, 2 * (extent - 1) - places, places))
    return batch
