from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from striate.auto.recipes import Layers, Subject
from striate.data import Facts
from striate.train import Augment, Recipe

PICTURES = Facts(
    kind="images",
    samples=60_000,
    train_samples=45_000,
    classes=tuple(f"thing{number}" for number in range(10)),
    counts=(6000,) * 10,
    channels=3,
    extents=(32, 32),
    smallest=(32, 32),
    largest=(32, 32),
    grey=False,
    mean=(0.5, 0.4, 0.3),
    std=(0.2, 0.2, 0.2),
)
AIRBENCH = Layers(depth=8, filters=7, features=256, kernels=24, taps=12, gain=1 / 9)


def make_subject(layers: Layers = AIRBENCH, *, trained: bool = False, flip: bool = True, **facts: Any) -> Subject:
    found = replace(PICTURES, **facts)
    mean, std = found.mean[: found.channels], found.std[: found.channels]
    base = Recipe(epochs=12, mean=mean, std=std, augment=Augment(shift=1, flip=flip), mirror=flip)
    return Subject(found, layers, base, trained)


@pytest.fixture
def subject() -> Callable[..., Subject]:
    """Makes a subject: 45,000 pictures of 3x32x32 for airbench's network, where nothing else is said."""
    return make_subject
