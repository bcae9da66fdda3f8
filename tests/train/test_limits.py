from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from striate.errors import InputError
from striate.train import Augment, Group, Lookahead, Recipe, Whiten, check_recipe
from striate.train.limits import OPTIMIZERS
from striate.train.optimizers.grouped import OPTIMIZERS as MADE

GOOD = Recipe(epochs=3, mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.1), augment=Augment(shift=2, flip=True))


def test_every_optimizer_can_be_made() -> None:
    assert tuple(MADE) == OPTIMIZERS


def test_a_good_recipe_passes() -> None:
    check_recipe(GOOD, channels=3)
    check_recipe(replace(GOOD, steps=1, warmup=0.0, lr=1e-9, final=1.0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 1.5}, "epochs is 1.5"),
        ({"steps": 0}, "steps is 0"),
        ({"minutes": 0.0}, "minutes is 0.0"),
        ({"minutes": 1.0, "steps": 5}, "steps is 5 and minutes is 1"),
        ({"batch": 1}, "batch is 1; it must be at least 2"),
        ({"lr": 0.0}, "lr is 0.0; it must be above 0"),
        ({"lr": float("nan")}, "lr is nan"),
        ({"lr": float("inf")}, "lr is inf"),
        ({"momentum": 1.0}, "momentum is 1.0; it must be at least 0 and below 1"),
        ({"weight_decay": -1.0}, "weight_decay is -1.0"),
        ({"warmup": 1.1}, "warmup is 1.1"),
        ({"final": -0.1}, "final is -0.1"),
        ({"smoothing": 1.0}, "smoothing is 1.0"),
        ({"average": 1.0}, "average is 1.0"),
        ({"seed": -1}, "seed is -1"),
        ({"std": (0.2, 0.0, 0.1)}, "std is 0.0"),
        ({"mean": (float("nan"),) * 3}, "mean is nan"),
        ({"mean": (0.5,)}, "std has 3 values for 1 channels"),
        ({"augment": Augment(shift=-1)}, "augment.shift is -1"),
        ({"augment": Augment(scale=1.0)}, "augment.scale is 1.0"),
        ({"augment": Augment(rotate=200)}, "augment.rotate is 200"),
        ({"augment": Augment(cutout=-2)}, "augment.cutout is -2"),
        ({"augment": Augment(contrast=1.5)}, "augment.contrast is 1.5"),
        ({"augment": Augment(mixup=-1)}, "augment.mixup is -1"),
        ({"optimizer": "adam"}, "optimizer is 'adam'; it can be sgd, adamw or muon"),
        ({"schedule": "step"}, "schedule is 'step'"),
        ({"init": "zeros"}, "init is 'zeros'"),
        ({"beta2": 1.0}, "beta2 is 1.0"),
        ({"start": 1.5}, "start is 1.5"),
        ({"unsure": -0.5}, "unsure is -0.5"),
        ({"cycles": 0}, "cycles is 0"),
        ({"nudge": -1}, "nudge is -1"),
        ({"norm_momentum": 0.0}, "norm_momentum is 0.0"),
        ({"norm_eps": -1.0}, "norm_eps is -1.0"),
        ({"lookahead": Lookahead(share=0.0)}, "lookahead.share is 0.0"),
        ({"whiten": Whiten(eps=0.0)}, "whiten.eps is 0.0"),
        ({"groups": (Group(of="heads"),)}, "group.of is 'heads'"),
        ({"groups": (Group(of="all", lr=-1.0),)}, "group.lr is -1.0"),
        ({"groups": (Group(of="all", optimizer="lion"),)}, "group.optimizer is 'lion'"),
        ({"groups": (Group(of="all", momentum=1.0),)}, "group.momentum is 1.0"),
    ],
)
def test_a_bad_setting_is_named_with_its_value(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        check_recipe(replace(GOOD, **change))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_channels_must_fit() -> None:
    with pytest.raises(InputError, match="mean has 3 values for 1 channels"):
        check_recipe(GOOD, channels=1)
