"""Values changed where they stand: brightness, contrast and saturation of colours, gain and noise of sound.

It works on normalised floats, by a table of random numbers with a row per sample. All that is a factor and a summand
for each sample and channel is one operation.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from striate.train.randomness import make_generator
from striate.train.recipe import Augment, Recipe

_BRIGHTNESS, _CONTRAST, _SATURATION, _GAIN, _LOUDNESS, _PLACE, _COLUMNS = range(7)
_TAPE = 2**18


def draw_jitter(recipe: Recipe, epoch: int, count: int) -> Tensor:
    """The random numbers from 0 to 1 of an epoch, a row per sample.

    Shape: [count, 6].
    """
    return torch.rand(count, _COLUMNS, generator=make_generator("jitter", recipe.seed, epoch))


def jitter(batch: Tensor, draws: Tensor, recipe: Recipe) -> Tensor:
    """Change each normalised sample by its row of `draws`; the batch itself where nothing is asked.

    In the scale from 0 to 1, of a value x: saturation makes it g + s (x - g), where g is the mean of the cell's
    channels; contrast m + c (x - m), where m is the sample's mean; brightness adds to it; gain multiplies its distance
    from the data's mean; noise is added. Values are not cut off at 0 and 1.

    Shape: [count, channels, *extents] stays.
    """
    augment, draws = recipe.augment, draws.to(batch.device)
    mean, std = (_lay_out(values, batch) for values in (recipe.mean, recipe.std))
    if augment.saturation and batch.shape[1] > 1:
        batch = _saturate(batch, draws, augment, mean, std)
    if augment.brightness or augment.contrast or augment.gain:
        batch = _scale(batch, draws, augment, mean, std)
    return _add_noise(batch, draws, recipe, std) if augment.noise else batch


def _saturate(batch: Tensor, draws: Tensor, augment: Augment, mean: Tensor, std: Tensor) -> Tensor:
    keep = _spread(1 + _sign(draws, _SATURATION) * augment.saturation, batch)
    grey = (batch * std + mean).mean(1, keepdim=True)
    return keep * batch + (1 - keep) * (grey - mean) / std


def _scale(batch: Tensor, draws: Tensor, augment: Augment, mean: Tensor, std: Tensor) -> Tensor:
    contrast = _spread(1 + _sign(draws, _CONTRAST) * augment.contrast, batch)
    gain = _spread(10 ** (_sign(draws, _GAIN) * augment.gain / 20), batch)
    added = _spread(_sign(draws, _BRIGHTNESS) * augment.brightness, batch)
    if augment.contrast:
        cells = tuple(range(2, batch.ndim))
        middle = (batch.mean(cells, keepdim=True) * std + mean).mean(1, keepdim=True)
        added = added + (1 - contrast) * (middle - mean)
    return torch.addcmul(gain * added / std, batch, gain * contrast)


def _add_noise(batch: Tensor, draws: Tensor, recipe: Recipe, std: Tensor) -> Tensor:
    """White noise: a sample's is a piece of one long tape, from a place of its own on."""
    cells = batch[0].numel()
    tape = _record(recipe.seed, _TAPE + cells, batch.device)
    first = (draws[:, _PLACE] * _TAPE).long()
    pieces = tape.unfold(0, cells, 1)[first].view(batch.shape)
    return torch.addcmul(batch, pieces, _spread(draws[:, _LOUDNESS] * recipe.augment.noise, batch) / std)


@lru_cache(maxsize=2)
def _record(seed: int, cells: int, device: torch.device) -> Tensor:
    return torch.randn(cells, generator=make_generator("noise", seed)).to(device)


def _sign(draws: Tensor, column: int) -> Tensor:
    """A column from -1 to 1."""
    return 2 * draws[:, column] - 1


def _spread(numbers: Tensor, batch: Tensor) -> Tensor:
    """A number for each sample, as the batch's axes want it."""
    return numbers.view(-1, *[1] * (batch.ndim - 1))


def _lay_out(values: tuple[float, ...], batch: Tensor) -> Tensor:
    """A number for each channel, as the batch's axes want it."""
    return torch.tensor(values, device=batch.device).view(-1, *[1] * (batch.ndim - 2))
