"""What tests of whole runs share: a recipe with everything on and a plain one, a kill, and what must come out alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from striate.train import Augment, Progress, Recipe

Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]
MakeNet = Callable[[], nn.Sequential]
TIMES = ("seconds", "images_per_second")  # of a record, whatever else is the same
RECIPE = Recipe(
    epochs=3,
    batch=32,
    lr=0.05,
    mean=(0.3,),
    std=(0.4,),
    smoothing=0.1,
    average=0.9,
    mirror=True,
    augment=Augment(shift=1, flip=True, rotate=5, cutout=2),
)
PLAIN = replace(RECIPE, augment=Augment(), average=0.0, smoothing=0.0, mirror=False, lr=0.1)


class KilledError(Exception):
    """A run that ends without warning."""


def kill_at(step: int) -> Callable[[Progress], None]:
    """End a run as soon as it tells that it has come so far."""

    def on_progress(progress: Progress) -> None:
        if progress.step >= step:
            raise KilledError

    return on_progress


def drop_times(history: Sequence[dict[str, Any]], also: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name not in (*TIMES, *also)} for record in history]


def assert_same_bits(one: nn.Module, other: nn.Module) -> None:
    found = other.state_dict()
    assert all(torch.equal(found[name], value) for name, value in one.state_dict().items())
