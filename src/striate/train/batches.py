"""From arrays to batches: checked once, indexed by the epoch's order, made into floats at the last moment.

The data stay as they are kept (bytes, in memory, in a mapped file or on the device), four times smaller than floats.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from striate.engine import Engine, place_batch
from striate.errors import InputError
from striate.train.augment import augment, draw
from striate.train.balance import plan_epoch
from striate.train.jitter import draw_jitter, jitter
from striate.train.mixing import draw_mix, mix, mix_labels
from striate.train.ranks import find_ranks
from striate.train.readahead import read_ahead
from striate.train.recipe import Recipe
from striate.train.scale import FULL_SCALE
from striate.train.tasks import CLASSIFY, Task

Array: TypeAlias = Tensor | NDArray[Any]


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs, [count, channels, *extents], and what the task learns of them: of classes their numbers, [count]."""

    inputs: Tensor
    labels: Tensor

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.labels)

    def cut(self, places: slice) -> Samples:
        """Some of them that follow each other, as views."""
        return Samples(self.inputs[places], self.labels[places])


def read_inputs(inputs: Array, recipe: Recipe) -> Tensor:
    """The inputs as a tensor that shares their memory; bytes, int16, or floats on their scale (0 to 1, -1 to 1).

    Raises:
        InputError: for another type, or where the recipe's mean and std don't fit the channels.
    """
    tensor = _share(inputs)
    if tensor.dtype not in FULL_SCALE and not tensor.is_floating_point():
        raise InputError(
            f"inputs: the type is {tensor.dtype}, but uint8 (0 to 255), int16 or floats (0 to 1) are needed."
        )
    if tensor.ndim < 3:
        raise InputError(f"inputs: the shape is {list(tensor.shape)}, but samples x channels x extents is needed.")
    for name, values in (("mean", recipe.mean), ("std", recipe.std)):
        if len(values) != tensor.shape[1]:
            raise InputError(f"inputs: {tensor.shape[1]} channels, but the recipe's {name} has {len(values)} values.")
    return tensor


def read_samples(
    inputs: Array, labels: Array, recipe: Recipe, part: str = "training", task: Task = CLASSIFY
) -> Samples:
    """Inputs and labels, checked against each other; the labels as the task's loss takes them.

    Raises:
        InputError: for labels of another form than the task's (a classifier's are whole numbers from 0), or not one per
            input; names the part of the data.
    """
    tensor, read = read_inputs(inputs, recipe), _share(labels)
    if len(tensor) != len(read):
        raise InputError(f"{part} part: {len(tensor)} inputs, but {len(read)} labels; they must be as many.")
    if not len(tensor):
        raise InputError(f"{part} part: no samples; at least one is needed.")
    return Samples(tensor, task.read_targets(read, tensor, part))


def hold(samples: Samples, engine: Engine) -> Samples:
    """The samples on the engine's device, where they take at most half of its free memory; else as they are."""
    if engine.is_cpu:
        return samples
    free, _ = torch.cuda.mem_get_info(engine.device)
    inputs = samples.inputs if 2 * samples.inputs.nbytes > free else samples.inputs.to(engine.device)
    return Samples(inputs, samples.labels.to(engine.device))


def count_steps(count: int, batch: int) -> int:
    """Steps in an epoch: a last incomplete batch is dropped, unless it is the only one.

    >>> count_steps(count=1000, batch=128), count_steps(count=100, batch=128)
    (7, 1)
    """
    return max(1, count // batch)


def normalise(batch: Tensor, recipe: Recipe) -> Tensor:
    """Bytes (0 to 255), int16 or floats (0 to 1) as floats with the recipe's mean taken off, divided by its std.

    >>> recipe = Recipe(epochs=1, mean=(0.2,), std=(0.4,))
    >>> normalise(torch.tensor([[[0, 51, 255]]], dtype=torch.uint8), recipe)
    tensor([[[-0.5000,  0.0000,  2.0000]]])
    """
    full = FULL_SCALE.get(batch.dtype, 1)
    factor, offset = _find_scale(recipe.mean, recipe.std, full, batch.ndim - 2, batch.device)
    return torch.mul(batch, factor).add_(offset)


@lru_cache(maxsize=8)
def _find_scale(
    mean: tuple[float, ...], std: tuple[float, ...], full: int, axes: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    means, stds = (torch.tensor(values, dtype=torch.float64).view(-1, *[1] * axes) for values in (mean, std))
    factor, offset = 1 / (full * stds), -means / stds
    return factor.float().to(device), offset.float().to(device)


def iterate_batches(
    samples: Samples, recipe: Recipe, engine: Engine, epoch: int, start: int = 0, task: Task = CLASSIFY
) -> Iterator[tuple[Tensor, Tensor]]:
    """The training batches of an epoch from step `start` of it on, augmented and normalised, with their labels.

    Labels are as the task's loss takes them, of classes their numbers; where samples are mixed, a row of shares of the
    classes each.
    """
    order, rows = plan_epoch(samples.labels, recipe, epoch)
    count, axes = samples.count, samples.inputs.ndim - 2
    draws = draw(recipe, epoch, count, axes)
    changes = draw_jitter(recipe, epoch, count) if recipe.augment.adjusts else None
    mixes = draw_mix(recipe, epoch, count, axes) if recipe.augment.mixes else None

    def gather(places: Tensor | slice) -> tuple[Tensor, Tensor]:
        chosen, own = order[places], rows[places]
        batch = take(samples.inputs, chosen).to(engine.device, non_blocking=True)
        batch = normalise(augment(batch, draws[own], recipe.augment, recipe.mean), recipe)
        batch = batch if changes is None else jitter(batch, changes[own], recipe)
        labels = task.move(take(samples.labels, chosen).to(engine.device), draws[own], recipe)
        return task.pair(batch, labels, own, recipe, epoch)

    classes = int(samples.labels.max()) + 1 if mixes else 0
    for step in range(start, count_steps(count, recipe.batch)):
        places = cut_batch(step, recipe.batch, count)
        batch, labels = gather(places)
        if mixes:
            others, other_labels = gather(mixes.partners[places])
            batch, shares = mix(batch, others, mixes.draws[places], recipe.augment)
            labels = mix_labels(labels, other_labels, shares, classes)
        read_ahead(samples.inputs, order[cut_batch(step + 1, recipe.batch, count)])
        yield place_batch(batch, engine), labels


def cut_batch(step: int, batch: int, count: int) -> slice:
    """The places, in an epoch's order, of the samples that this rank takes in a step of it.

    >>> cut_batch(step=1, batch=4, count=9)
    slice(4, 8, None)
    """
    start = step * batch
    part = find_ranks().take(min(batch, count - start))
    return slice(start + part.start, start + part.stop)


def take(data: Tensor, chosen: Tensor) -> Tensor:
    """The chosen rows, on the device of the data."""
    return data.index_select(0, chosen.to(data.device))


def _share(array: Array) -> Tensor:
    if isinstance(array, Tensor):
        return array.detach()
    with warnings.catch_warnings():
        # torch warns of memory that can't be written (a mapped file); nothing here writes into it.
        warnings.filterwarnings("ignore", message=".*not writable", category=UserWarning)
        return torch.from_numpy(np.ascontiguousarray(array))
