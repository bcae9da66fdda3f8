"""Which samples the batch of a step held, and which of them were spoilt before the network saw them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from striate.train.balance import plan_epoch
from striate.train.batches import Samples, take
from striate.train.recipe import Recipe


def name_batch(
    samples: Samples, recipe: Recipe, epoch: int, step: int, names: Sequence[str] | None = None
) -> tuple[list[str], list[str]]:
    """The samples of a step of an epoch (both from 0) by `names`, else by number; and those with values not finite."""
    order, _ = plan_epoch(samples.labels, recipe, epoch)
    chosen = order[step * recipe.batch : (step + 1) * recipe.batch]
    rows = take(samples.inputs, chosen).flatten(1)
    spoilt = chosen[~rows.isfinite().all(1).cpu()] if rows.is_floating_point() else chosen[:0]
    return _name(chosen, names), _name(spoilt, names)


def _name(chosen: Tensor, names: Sequence[str] | None) -> list[str]:
    return [f"sample {number}" if names is None else names[number] for number in chosen.tolist()]
