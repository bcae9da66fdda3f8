"""Gratings shown to a whole network, and what the units of one layer answer, as an electrode would record it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from striate.errors import InputError
from striate.explain.cells.gratings import PHASES, drift_phases, make_gratings, modulate
from striate.explain.cells.selectivity import measure_circular_variance
from striate.explain.look import Look
from striate.explain.motion.grids import observe

COLOURS = {"achromatic": (1.0, 1.0, 1.0), "red-green": (1.0, -1.0, 0.0), "blue-yellow": (-0.5, -0.5, 1.0)}
"""The directions in which gratings of three channels are coloured."""
SIMPLE = 1.0


@dataclass(frozen=True)
class Battery:
    """The gratings that are shown: every colour, angle and frequency, each drifting through `PHASES` phases."""

    colours: dict[str, tuple[float, ...]]
    angles: tuple[float, ...]
    frequencies: tuple[float, ...]


@dataclass(frozen=True)
class Answer:
    """What a unit at the middle of its layer answers to the grating that drives it most.

    `f0` is its mean answer above that to a blank, `f1` the amplitude at which the answer follows the drift; `curve` is
    the larger of the two at each angle, at that colour and frequency.
    """

    colour: str
    angle: float
    frequency: float
    f0: float
    f1: float
    circular_variance: float
    curve: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """F1 / F0: NaN for a unit that never answers."""
        if self.f1 == 0:
            return math.nan if self.f0 == 0 else 0.0
        return math.inf if self.f0 == 0 else self.f1 / abs(self.f0)

    @property
    def kind(self) -> str:
        """Simple-like where the answer follows the drift (F1 / F0 above 1), else complex-like; or silent."""
        return "silent" if math.isnan(self.ratio) else "simple" if self.ratio > SIMPLE else "complex"


def choose_battery(input: Sequence[int], angles: int, frequencies: int) -> Battery:
    """Even angles; frequencies even in octaves, from one cycle an input (or 32 cells of a picture) to the highest."""
    channels, *extents = input
    colours: dict[str, tuple[float, ...]] = dict(COLOURS) if channels == 3 else {"achromatic": (1.0,) * channels}
    lowest = 1 / min(32 if len(extents) > 1 else math.inf, min(extents))
    count = frequencies if len(extents) > 1 else 4 * frequencies
    waves = tuple(lowest * (0.5 / lowest) ** (step / max(count - 1, 1)) for step in range(count))
    return Battery(colours, tuple(180 * step / angles for step in range(angles)) if len(extents) > 1 else (0.0,), waves)


def record(look: Look, layer: str, battery: Battery, rows: int) -> list[Answer]:
    """Show every grating, and give each unit's answer to the one that drives it most; below 0 counts as 0.

    Gratings are of full contrast about a middle grey where the normalisation is known, else of amplitude 1 about 0.
    Call it within `untouched`.
    """
    shown = list(product(battery.colours.values(), battery.angles, battery.frequencies))
    blank = _watch_middle(look, layer, _colour(look, torch.zeros(1, *look.input[1:]), (0.0,) * look.input[0]))[0]
    f0, f1, total = [], [], len(shown)
    for start in range(0, total, max(1, rows // PHASES)):
        some = shown[start : start + max(1, rows // PHASES)]
        stimuli = [_colour(look, _show(look, angle, frequency), colour) for colour, angle, frequency in some]
        answers = _watch_middle(look, layer, torch.cat(stimuli)).reshape(len(some), PHASES, -1)
        mean, first = modulate(answers.transpose(1, 2), blank)
        f0.append(mean)
        f1.append(first)
        if look.on_progress is not None:
            look.on_progress(min(start + len(some), total), total)
    sizes = (len(battery.colours), len(battery.angles), len(battery.frequencies))
    means, firsts = (torch.cat(parts).reshape(*sizes, -1) for parts in (f0, f1))
    return [_choose_best(battery, means[..., unit], firsts[..., unit]) for unit in range(means.shape[-1])]


def _show(look: Look, angle: float, frequency: float) -> Tensor:
    extents = look.input[1:]
    return make_gratings(extents, angle, frequency, drift_phases(), [(extent - 1) / 2 for extent in extents])


def _colour(look: Look, waves: Tensor, colour: tuple[float, ...]) -> Tensor:
    """Waves [N, *extents] in a colour, as the network takes them: [N, channels, *extents]."""
    shape = (1, -1, *[1] * (waves.ndim - 1))
    tinted = waves[:, None] * torch.tensor(colour, dtype=torch.float64).reshape(shape)
    if look.std:
        mean, std = (torch.tensor(each, dtype=torch.float64).reshape(shape) for each in (look.mean, look.std))
        tinted = (0.5 + 0.5 * tinted - mean) / std
    place = next(iter(look.module.parameters()), tinted)
    return tinted.to(device=place.device, dtype=place.dtype)


def _watch_middle(look: Look, layer: str, inputs: Tensor) -> Tensor:
    """The answers [N, units] of a layer's middle cell, rectified."""
    maps = observe(look.module, inputs, [layer])[layer]
    if maps.ndim < 2 or len(maps) != len(inputs):
        raise InputError(f"layer {layer}: found an output of {tuple(maps.shape)}, needed one with units. Name another")
    for extent in maps.shape[2:]:
        maps = maps.select(2, extent // 2)
    return maps.double().cpu().clamp(min=0)


def _choose_best(battery: Battery, f0: Tensor, f1: Tensor) -> Answer:
    """Of one unit, over [colours, angles, frequencies]."""
    driven = torch.maximum(f0, f1)
    colour, angle, frequency = (int(place) for place in torch.unravel_index(driven.argmax(), driven.shape))
    curve = tuple(driven[colour, :, frequency].clamp(min=0).tolist())
    return Answer(
        colour=list(battery.colours)[colour],
        angle=battery.angles[angle],
        frequency=battery.frequencies[frequency],
        f0=_clean(f0[colour, angle, frequency], driven),
        f1=_clean(f1[colour, angle, frequency], driven),
        circular_variance=measure_circular_variance(curve, battery.angles) if len(curve) > 1 else math.nan,
        curve=curve,
    )


def _clean(value: Tensor, driven: Tensor) -> float:
    """A figure, 0 where it is nothing but rounding."""
    return 0.0 if abs(float(value)) <= 1e-9 * max(1.0, float(driven.abs().max())) else float(value)
