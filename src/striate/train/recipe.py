"""The recipe: every number that decides how a network is trained, as one plain value.

A run's settings hold it whole, so a run can be repeated from its folder alone.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from striate.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Augment:
    """How far a training sample may be changed; each sample anew in each epoch.

    `shift`: at most so many cells along each axis, edges mirrored. `flip`: half of the samples mirrored along the last
    axis. `rotate`: at most so many degrees either way, and `scale`: a size from 1 - scale to 1 + scale (both for 2-D
    inputs alone). `cutout`: a cube of this side, anywhere, set to the mean colour.
    """

    shift: int = 0
    flip: bool = False
    rotate: float = 0.0
    scale: float = 0.0
    cutout: int = 0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. The length is `minutes` if given, else `steps` if given, else `epochs`.

    `warmup`: share of the length over which the learning rate rises to `lr`; `final`: its share of `lr` at the end.
    `smoothing`: label smoothing. `average`: decay per step of the averaged weights that are kept at the end (0: off).
    `mirror`: predictions average an input and its mirror image. `mean`, `std`: per channel, on the scale from 0 to 1.

    >>> recipe = Recipe(epochs=3, mean=(0.5,), std=(0.25,), augment=Augment(shift=1))
    >>> Recipe.from_dict(recipe.to_dict()) == recipe
    True
    """

    epochs: int
    steps: int | None = None
    minutes: float | None = None
    batch: int = 128
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    warmup: float = 0.25
    final: float = 0.0
    smoothing: float = 0.0
    average: float = 0.0
    augment: Augment = field(default_factory=Augment)
    mirror: bool = False
    seed: int = 0
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Recipe:
        """The recipe that `to_dict` wrote, also after a way through JSON.

        Raises:
            InputError: for a setting that recipes don't have, or lack.
        """
        known = {one.name for one in fields(cls)}
        _refuse_unknown("recipe", set(values) - known)
        missing = sorted({"epochs", "mean", "std"} - set(values))
        if missing:
            raise InputError(f"recipe: {missing[0]} is missing; a recipe needs epochs, mean and std.")
        augment = dict(values.get("augment", {}))
        _refuse_unknown("augment", set(augment) - {one.name for one in fields(Augment)})
        plain = {**values, "mean": tuple(values["mean"]), "std": tuple(values["std"]), "augment": Augment(**augment)}
        return cls(**plain)


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
    for name in ("momentum", "smoothing", "average", "warmup"):
        _check_range(name, getattr(recipe, name), 0, 1, open_high=name != "warmup")
    _check_range("final", recipe.final, 0, 1)
    _check_least("seed", recipe.seed, 0)
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


def _check_augment(augment: Augment) -> None:
    _check_least("augment.shift", augment.shift, 0)
    _check_least("augment.cutout", augment.cutout, 0)
    _check_range("augment.rotate", augment.rotate, 0, 180)
    _check_range("augment.scale", augment.scale, 0, 1, open_high=True)


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


def _refuse_unknown(where: str, names: set[str]) -> None:
    if names:
        raise InputError(f"{where}: unknown setting {min(names)!r}; was it written by a newer Striate?")
