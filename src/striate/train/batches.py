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

Array: TypeAlias = Tensor | NDArray[Any]


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs, [count, channels, *extents], and their class numbers, [count]."""

    inputs: Tensor
    labels: Tensor

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.labels)


def read_inputs(inputs: Array, recipe: Recipe) -> Tensor:
    """The inputs as a tensor that shares their memory; bytes, or floats on the scale from 0 to 1.

    Raises:
        InputError: for another type, or where the recipe's mean and std don't fit the channels.
    """
    tensor = _share(inputs)
    if tensor.dtype != torch.uint8 and not tensor.is_floating_point():
        raise InputError(f"inputs: the type is {tensor.dtype}, but uint8 (0 to 255) or floats (0 to 1) are needed.")
    if tensor.ndim < 3:
        raise InputError(f"inputs: the shape is {list(tensor.shape)}, but samples x channels x extents is needed.")
    for name, values in (("mean", recipe.mean), ("std", recipe.std)):
        if len(values) != tensor.shape[1]:
            raise InputError(f"inputs: {tensor.shape[1]} channels, but the recipe's {name} has {len(values)} values.")
    return tensor


def read_samples(inputs: Array, labels: Array, recipe: Recipe, part: str = "training") -> Samples:
    """Inputs and labels, checked against each other.

    Raises:
        InputError: for labels that aren't whole numbers from 0, or aren't one per input; names the part of the data.
    """
    numbers = _share(labels)
    if numbers.ndim != 1 or numbers.is_floating_point() or numbers.is_complex():
        raise InputError(
            f"{part} labels: {list(numbers.shape)} of {numbers.dtype}; one class number per input is needed."
        )
    samples = Samples(read_inputs(inputs, recipe), numbers.long())
    if len(samples.inputs) != samples.count:
        raise InputError(
            f"{part} part: {len(samples.inputs)} inputs, but {samples.count} labels; they must be as many."
        )
    if not samples.count or int(samples.labels.min()) < 0:
        found = "no samples" if not samples.count else f"label {int(samples.labels.min())}"
        raise InputError(f"{part} part: {found}; at least one sample and class numbers from 0 are needed.")
    return samples


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
    """Bytes (0 to 255) or floats (0 to 1) as floats with the recipe's mean taken off, divided by its std.

    >>> recipe = Recipe(epochs=1, mean=(0.2,), std=(0.4,))
    >>> normalise(torch.tensor([[[0, 51, 255]]], dtype=torch.uint8), recipe)
    tensor([[[-0.5000,  0.0000,  2.0000]]])
    """
    factor, offset = _find_scale(recipe.mean, recipe.std, batch.is_floating_point(), batch.ndim - 2, batch.device)
    return torch.mul(batch, factor).add_(offset)


@lru_cache(maxsize=8)
def _find_scale(
    mean: tuple[float, ...], std: tuple[float, ...], floating: bool, axes: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    means, stds = (torch.tensor(values, dtype=torch.float64).view(-1, *[1] * axes) for values in (mean, std))
    factor, offset = 1 / (stds if floating else 255 * stds), -means / stds
    return factor.float().to(device), offset.float().to(device)


def iterate_batches(
    samples: Samples, recipe: Recipe, engine: Engine, epoch: int, start: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """The training batches of an epoch from step `start` of it on, augmented and normalised, with their labels.

    Labels are class numbers; where samples are mixed, a row of shares of the classes each.
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
        return batch, take(samples.labels, chosen).to(engine.device)

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
