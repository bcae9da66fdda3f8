from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from striate.errors import InputError
from striate.train import Augment, Group, Lookahead, Recipe, Whiten

GOOD = Recipe(epochs=3, mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.1), augment=Augment(shift=2, flip=True))


def test_a_recipe_survives_json() -> None:
    rich = replace(
        GOOD,
        groups=(Group(of="norm bias", lr=64.0, weight_decay=0.1), Group(of="all", optimizer="adamw")),
        lookahead=Lookahead(every=5, power=3),
        whiten=Whiten(images=5000, frozen=False),
    )
    for recipe in (GOOD, rich):
        assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_what_an_older_run_does_not_say_is_as_it_was_then() -> None:
    first = ("epochs", "steps", "minutes", "batch", "lr", "momentum", "weight_decay", "warmup", "final", "smoothing")
    kept = (*first, "average", "mirror", "seed", "mean", "std")
    older = {name: value for name, value in GOOD.to_dict().items() if name in kept}
    older["augment"] = {"shift": 2, "flip": True, "rotate": 0.0, "scale": 0.0, "cutout": 0}
    assert len(older) < len(fields(Recipe))
    found = Recipe.from_dict(older)
    assert found == GOOD
    assert (found.optimizer, found.schedule, found.start, found.groups) == ("sgd", "one-cycle", 0.1, ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"speed": 1}, "speed"),
        ({"augment": {"blur": 1}}, "blur"),
        ({"lookahead": {"depth": 1}}, "depth"),
        ({"groups": [{"of": "all", "rate": 1}]}, "rate"),
        ({"mean": None}, "mean is missing"),
    ],
)
def test_foreign_settings_are_refused(change: dict[str, Any], message: str) -> None:
    values = {**GOOD.to_dict(), **change}
    with pytest.raises(InputError, match=message):
        Recipe.from_dict({name: value for name, value in values.items() if value is not None or name != "mean"})
