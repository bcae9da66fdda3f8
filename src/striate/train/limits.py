"""What each setting of a recipe may be; a recipe that can't be followed is refused before the first step."""

from __future__ import annotations

import math

from striate.errors import InputError
from striate.train.recipe import Augment, Group, Recipe

OPTIMIZERS = ("sgd", "adamw", "muon")
BALANCES = ("none", "weights", "sampling")
SCHEDULES = ("one-cycle", "linear", "cosine", "restarts")
GROUPS = (
    "all",
    "filters",
    "matrices",
    "head",
    "bias",
    "first bias",
    "head bias",
    "norm bias",
    "norm weight",
)


def check_recipe(recipe: Recipe, channels: int | None = None) -> None:
    """Refuse a recipe that can't be followed; with `channels`, also one whose mean and std are of another number.

    Raises:
        InputError: one line that names the setting, its value and what it may be.

    >>> check_recipe(Recipe(epochs=0, mean=(0.5,), std=(0.25,)))
    Traceback (most recent call last):
    striate.errors.InputError: recipe: epochs is 0; it must be at least 1.
    """
    _check_length(recipe)
    _check_least("batch", recipe.batch, 2, " (batch norm learns nothing from one sample)")
    _check_range("lr", recipe.lr, 0, math.inf, open_low=True)
    _check_range("weight_decay", recipe.weight_decay, 0, math.inf)
    for name in ("momentum", "beta2", "smoothing", "average"):
        _check_range(name, getattr(recipe, name), 0, 1, open_high=True)
    for name in ("warmup", "start", "final", "unsure"):
        _check_range(name, getattr(recipe, name), 0, 1)
    _check_member("optimizer", recipe.optimizer, OPTIMIZERS)
    _check_member("schedule", recipe.schedule, SCHEDULES)
    _check_member("balance", recipe.balance, BALANCES)
    _check_member("init", recipe.init, ("plain", "dirac"))
    _check_least("cycles", recipe.cycles, 1)
    _check_least("nudge", recipe.nudge, 0)
    _check_least("seed", recipe.seed, 0)
    for group in recipe.groups:
        _check_group(group)
    _check_parts(recipe)
    _check_augment(recipe.augment)
    _check_colours(recipe, channels)


def _check_length(recipe: Recipe) -> None:
    _check_least("epochs", recipe.epochs, 1)
    if recipe.steps is not None and recipe.minutes is not None:
        raise InputError(
            f"recipe: steps is {recipe.steps} and minutes is {recipe.minutes:g}; a run has one length. Drop one."
        )
    if recipe.steps is not None:
        _check_least("steps", recipe.steps, 1)
    if recipe.minutes is not None:
        _check_range("minutes", recipe.minutes, 0, math.inf, open_low=True)


def _check_group(group: Group) -> None:
    _check_member("group.of", group.of, GROUPS)
    _check_range("group.lr", group.lr, 0, math.inf)
    _check_range("group.until", group.until, 0, 1)
    if group.weight_decay is not None:
        _check_range("group.weight_decay", group.weight_decay, 0, math.inf)
    if group.momentum is not None:
        _check_range("group.momentum", group.momentum, 0, 1, open_high=True)
    if group.optimizer is not None:
        _check_member("group.optimizer", group.optimizer, OPTIMIZERS)


def _check_parts(recipe: Recipe) -> None:
    _check_least("lookahead.every", recipe.lookahead.every, 0)
    _check_range("lookahead.share", recipe.lookahead.share, 0, 1, open_low=True)
    _check_range("lookahead.power", recipe.lookahead.power, 0, math.inf)
    _check_least("whiten.images", recipe.whiten.images, 0)
    _check_range("whiten.eps", recipe.whiten.eps, 0, math.inf, open_low=True)
    if recipe.norm_momentum is not None:
        _check_range("norm_momentum", recipe.norm_momentum, 0, 1, open_low=True)
    if recipe.norm_eps is not None:
        _check_range("norm_eps", recipe.norm_eps, 0, math.inf, open_low=True)


def _check_augment(augment: Augment) -> None:
    _check_least("augment.shift", augment.shift, 0)
    _check_least("augment.cutout", augment.cutout, 0)
    _check_least("augment.still", augment.still, 0)
    _check_range("augment.rotate", augment.rotate, 0, 180)
    _check_range("augment.scale", augment.scale, 0, 1, open_high=True)
    for name in ("brightness", "contrast", "saturation", "noise"):
        _check_range(f"augment.{name}", getattr(augment, name), 0, 1)
    for name in ("gain", "mixup", "cutmix"):
        _check_range(f"augment.{name}", getattr(augment, name), 0, math.inf)


def _check_colours(recipe: Recipe, channels: int | None) -> None:
    counts = {"mean": len(recipe.mean), "std": len(recipe.std)}
    wanted = len(recipe.mean) if channels is None else channels
    for name, count in counts.items():
        if count != wanted or not count:
            raise InputError(f"recipe: {name} has {count} values for {wanted} channels; it needs one per channel.")
    for value in recipe.std:
        _check_range("std", value, 0, math.inf, open_low=True)
    for value in recipe.mean:
        _check_range("mean", value, -math.inf, math.inf)


def _check_least(name: str, value: int, least: int, why: str = "") -> None:
    if isinstance(value, bool) or int(value) != value or value < least:
        raise InputError(f"recipe: {name} is {value}; it must be at least {least}{why}.")


def _check_range(
    name: str, value: float, low: float, high: float, *, open_low: bool = False, open_high: bool = False
) -> None:
    fits = (value > low if open_low else value >= low) and (value < high if open_high else value <= high)
    if fits and math.isfinite(value):
        return
    above = f"{'above' if open_low else 'at least'} {low:g}"
    below = f"{'below' if open_high else 'at most'} {high:g}"
    bounds = [text for text, bound in ((above, low), (below, high)) if math.isfinite(bound)]
    raise InputError(f"recipe: {name} is {value}; it must be {' and '.join(bounds) or 'a finite number'}.")


def _check_member(name: str, value: str, members: tuple[str, ...]) -> None:
    if value not in members:
        raise InputError(f"recipe: {name} is {value!r}; it can be {', '.join(members[:-1])} or {members[-1]}.")
