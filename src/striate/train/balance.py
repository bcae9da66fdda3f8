"""Classes of uneven size: losses weighed, or classes drawn evenly, so that a rare class counts as much as a common one.

Both minimise the same expectation, the mean over classes of each class's mean loss. Weights leave the epochs as they
are and make rare samples' steps larger; drawing evenly shows rare samples more often, augmented anew each time.
"""

from __future__ import annotations

import torch
from torch import Tensor

from striate.data.cellclasses import UNJUDGED
from striate.train.randomness import epoch_order, make_generator
from striate.train.recipe import Recipe

_MASKS_AT_ONCE = 64


def find_class_weights(labels: Tensor, recipe: Recipe, device: str = "cpu") -> Tensor | None:
    """What the loss of a sample of each class counts: n / (classes x n_c) with `balance` "weights", else None.

    Of masks (bytes) it is the cells that are counted. The mean over the samples is 1, so the learning rate keeps its
    meaning. A class without samples counts 0.
    Source: inverse frequency is King and Zeng 2001, "Logistic regression in rare events data", section 4.2 (weighted
    likelihood), for classes that are to count alike.

    >>> find_class_weights(torch.tensor([0, 0, 0, 1]), Recipe(epochs=1, mean=(0,), std=(1,), balance="weights"))
    tensor([0.6667, 2.0000])
    """
    if recipe.balance != "weights":
        return None
    counts = _count_cells(labels.cpu()) if labels.dtype == torch.uint8 else torch.bincount(labels.cpu()).double()
    present = counts > 0
    weights = counts.sum() / (present.sum() * counts.clamp(min=1)) * present
    return weights.float().to(device)


def _count_cells(masks: Tensor) -> Tensor:
    """How many cells of all masks each class has, some masks at a time; the last class is the last that occurs."""
    starts = range(0, len(masks), _MASKS_AT_ONCE)
    parts = [torch.bincount(masks[at : at + _MASKS_AT_ONCE].flatten(), minlength=UNJUDGED + 1) for at in starts]
    counts = torch.stack(parts).sum(0)[:UNJUDGED].double()
    return counts[: int(counts.nonzero().max()) + 1] if counts.any() else counts[:1]


def plan_epoch(labels: Tensor, recipe: Recipe, epoch: int) -> tuple[Tensor, Tensor]:
    """The order in which an epoch takes its samples, and for each place the row of the epoch's augmentations.

    A sample that comes twice in an epoch is changed in two ways: then the row is the place's own, else the sample's.
    Shape: [count], [count].

    >>> order, rows = plan_epoch(torch.tensor([0, 1]), Recipe(epochs=1, mean=(0,), std=(1,)), epoch=0)
    >>> torch.equal(order, rows)
    True
    """
    if recipe.balance != "sampling":
        order = epoch_order(recipe.seed, epoch, len(labels))
        return order, order
    return balanced_order(labels, recipe.seed, epoch), torch.arange(len(labels))


def balanced_order(labels: Tensor, seed: int, epoch: int) -> Tensor:
    """An epoch's samples with each class as often as any other (once more or less): as many places as samples.

    Of a class that is larger than its share some samples stay out, others each epoch; of a smaller one all are taken,
    one as often as any other (once more or less). A function of (seed, epoch) and the labels.
    Shape: [count].

    >>> order = balanced_order(torch.tensor([0, 0, 0, 0, 0, 1]), seed=0, epoch=0)
    >>> len(order), int((order == 5).sum())
    (6, 3)
    """
    generator = make_generator("balance", seed, epoch)
    labels = labels.cpu()
    classes = torch.bincount(labels).nonzero()[:, 0]
    shares = torch.full((len(classes),), len(labels) // len(classes))
    extra = torch.randperm(len(classes), generator=generator)[: len(labels) % len(classes)]
    shares[extra] += 1
    drawn = [
        _draw((labels == label).nonzero()[:, 0], int(share), generator)
        for label, share in zip(classes, shares, strict=True)
    ]
    order = torch.cat(drawn)
    return order[torch.randperm(len(order), generator=generator)]


def _draw(members: Tensor, share: int, generator: torch.Generator) -> Tensor:
    """So many of a class's samples: each before any is taken again."""
    rounds = -(-share // len(members))
    return torch.cat([members[torch.randperm(len(members), generator=generator)] for _ in range(rounds)])[:share]
