"""Damage that a network learns to undo: noise, blur, a mask, fewer cells; of inputs of any number of axes.

What is random in it is a function of each sample's key, so a sample is damaged alike in any batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.errors import InputError
from striate.train.tasks.draws import draw_normal, draw_uniform

REACH = 4  # deviations of a blur's kernel, to either side


@dataclass(frozen=True)
class Damage:
    """One damage and how much of it."""

    name: str
    amount: float = 0.0

    def __str__(self) -> str:
        """As the user writes it."""
        return f"{self.name}={self.amount:g}" if DAMAGES[self.name].needs else self.name


@dataclass(frozen=True, eq=False)
class Around:
    """What a damage may look at: a key for each sample, the mean of each channel, and where full scale begins."""

    keys: Tensor
    fill: Tensor
    low: float = 0.0


@dataclass(frozen=True)
class Kind:
    """How a damage is done, and which amounts it takes; `needs` says that in words, "" where it takes none."""

    apply: Callable[[Tensor, float, Around, int], Tensor]
    needs: str = ""
    least: float = 0.0
    most: float = math.inf
    whole: bool = False


def read_damages(text: str, *, sound: bool = False) -> tuple[Damage, ...]:
    """The damages that a text names, in its order.

    Raises:  InputError for one that there isn't, or an amount that it can't have.

    >>> [str(each) for each in read_damages("blur=1.50, noise=0.1")]
    ['blur=1.5', 'noise=0.1']
    """
    found = [_read_one(part.strip(), text) for part in text.split(",")]
    for each in found:
        if each.name == "snr" and not sound:
            raise InputError(f"--corrupt {text}: found `snr`, which is for sound; needed noise=SIGMA. Write it so")
    return tuple(found)


def damage(clean: Tensor, damages: tuple[Damage, ...], around: Around) -> Tensor:
    """The samples with each damage done to them in turn.

    Shape: float32 [count, channels, *extents], of full scale 1, stays.

    >>> around = Around(keys=torch.tensor([7]), fill=torch.zeros(1))
    >>> damage(torch.tensor([[[0.0, 1.0, 4.0, 2.0]]]), read_damages("downsample=2"), around)
    tensor([[[0.5000, 0.5000, 3.0000, 3.0000]]])
    """
    for stream, each in enumerate(damages):
        clean = DAMAGES[each.name].apply(clean, each.amount, around, stream)
    return clean


def _read_one(part: str, text: str) -> Damage:
    name, equals, said = part.partition("=")
    kind = DAMAGES.get(name.strip())
    if kind is None:
        known = ", ".join(f"{each}={each.upper()}" if DAMAGES[each].needs else each for each in DAMAGES)
        raise InputError(f"--corrupt {text}: found `{part}`, needed one or more of {known}. Write it so")
    if not kind.needs:
        if equals:
            raise InputError(f"--corrupt {text}: found `{part}`, needed `{name}` alone. Write it so")
        return Damage(name.strip())
    try:
        amount = float(said)
    except ValueError:
        amount = math.nan
    if not kind.least <= amount <= kind.most or not math.isfinite(amount) or (kind.whole and amount % 1):
        raise InputError(f"--corrupt {text}: found `{part}`, needed {name}={kind.needs}. Change it")
    return Damage(name.strip(), amount)


def _add_noise(clean: Tensor, sigma: float, around: Around, stream: int) -> Tensor:
    return clean + sigma * draw_normal(around.keys, clean[0].numel(), stream).view_as(clean)


def _add_noise_by_power(clean: Tensor, decibels: float, around: Around, stream: int) -> Tensor:
    """White noise that has, in each sample, exactly so many decibels less power than the sample."""
    noise = draw_normal(around.keys, clean[0].numel(), stream)
    power, own = (each.flatten(1).square().mean(1, keepdim=True) for each in (clean, noise))
    scaled = noise * (power / (own * 10 ** (decibels / 10))).sqrt()
    return clean + scaled.view_as(clean)


def _blur(clean: Tensor, sigma: float, around: Around, stream: int) -> Tensor:
    """A Gaussian along each axis; past an edge its last value goes on."""
    reach = math.ceil(REACH * sigma)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, device=clean.device) / sigma).square())
    kernel = (kernel / kernel.sum())[None, None]
    for axis in range(2, clean.ndim):
        rows = clean.movedim(axis, -1)
        padded = F.pad(rows.reshape(1, -1, rows.shape[-1]), (reach, reach), mode="replicate")
        blurred = F.conv1d(padded.view(-1, 1, padded.shape[-1]), kernel)
        clean = blurred.view(rows.shape).movedim(-1, axis)
    return clean


def _mask(clean: Tensor, share: float, around: Around, stream: int) -> Tensor:
    """A box of the same share of every axis, somewhere, that has the mean's colour."""
    count, channels, *extents = clean.shape
    numbers = draw_uniform(around.keys, len(extents), stream)
    covered = torch.ones(count, *[1] * (clean.ndim - 1), dtype=torch.bool, device=clean.device)
    for axis, extent in enumerate(extents):
        side = max(1, round(extent * share ** (1 / len(extents))))
        first = (numbers[:, axis] * (extent - side + 1)).long()
        distance = torch.arange(extent, device=clean.device) - first[:, None]
        shape = [count, 1] + [extent if other == axis else 1 for other in range(len(extents))]
        covered = covered & ((distance >= 0) & (distance < side)).view(shape)
    return torch.where(covered, around.fill.to(clean).view(1, channels, *[1] * len(extents)), clean)


def _downsample(clean: Tensor, factor: float, around: Around, stream: int) -> Tensor:
    """Each block of so many cells a side takes its mean; a last block is smaller where the factor doesn't divide."""
    step = int(factor)
    for axis in range(2, clean.ndim):
        rows = clean.movedim(axis, -1)
        extent = rows.shape[-1]
        padded = F.pad(rows, (0, -extent % step))
        blocks = padded.reshape(*padded.shape[:-1], -1, step).sum(-1)
        starts = torch.arange(0, extent, step, device=clean.device)
        means = blocks / (extent - starts).clamp(max=step)
        clean = means.repeat_interleave(step, -1)[..., :extent].movedim(-1, axis)
    return clean


def _clip(clean: Tensor, amount: float, around: Around, stream: int) -> Tensor:
    return clean.clamp(around.low, 1)


DAMAGES = {
    "noise": Kind(_add_noise, "SIGMA, of full scale 1, from 0 to 10", 0, 10),
    "snr": Kind(_add_noise_by_power, "DECIBELS, from -60 to 100", -60, 100),
    "blur": Kind(_blur, "SIGMA, in cells, from 0.1 to 100", 0.1, 100),
    "mask": Kind(_mask, "SHARE, from 0.0001 to 1", 0.0001, 1),
    "downsample": Kind(_downsample, "FACTOR, a whole number from 2 to 64", 2, 64, whole=True),
    "clip": Kind(_clip),
}
