"""What plans for other answers than classes have in common: nothing in them that supposes classes, and AdamW."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from striate.auto.recipe import Plan
from striate.auto.recipes import Layers
from striate.train import Recipe

WEIGHT_DECAY = 1e-4
CHANGES = (  # how reasons begin that say how samples are changed
    "shifts of up to",
    "louder and softer",
    "no mirroring",
    "turns of up to",
    "mirrored",
    "samples are left as",
    "samples are moved by up to",
)
SECOND_LOOKS = ("predictions below", "quick: of predictions below")  # and those that say when one is taken


@dataclass(frozen=True)
class Given:
    """What a plan is adapted to: what the user `asked` for, the network's `layers`, and the `samples` of training."""

    asked: frozenset[str] = frozenset()
    layers: Layers = field(default_factory=Layers)
    samples: int = 0


def drop_classes(plan: Plan) -> Plan:
    """The plan without smoothed labels, and without a second look where no class is likely."""
    recipe = replace(plan.recipe, smoothing=0.0, nudge=0, unsure=1.0)
    return Plan(recipe, drop_reasons(plan.reasons, SECOND_LOOKS))


def drop_reasons(reasons: Iterable[str], beginnings: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons that begin otherwise.

    >>> drop_reasons(("turns of up to 8 degrees: hands differ", "12 epochs: as asked"), CHANGES)
    ('12 epochs: as asked',)
    """
    return tuple(reason for reason in reasons if not reason.startswith(beginnings))


def take_adamw(recipe: Recipe, asked: frozenset[str], lr: float, most_batch: int) -> Recipe:
    """The recipe with AdamW at this rate in batches no larger than that; a rate or a batch that was `asked` for stays.

    >>> recipe = Recipe(epochs=1, lr=0.3, batch=64, mean=(0.5,), std=(0.2,))
    >>> found = take_adamw(recipe, frozenset({"lr"}), lr=0.003, most_batch=16)
    >>> found.optimizer, found.lr, found.batch
    ('adamw', 0.3, 16)
    """
    rate = recipe.lr if "lr" in asked else lr
    batch = recipe.batch if "batch" in asked else min(most_batch, recipe.batch)
    return replace(recipe, optimizer="adamw", lr=rate, weight_decay=WEIGHT_DECAY, batch=batch)
