"""One input of a heat, made ready to be drawn: what is seen of the input, its heat on a scale, and words to both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.explain.heat import Heat

Floats = NDArray[np.float64]

SPARED = 0.005  # of the hottest cells: full colour is reached below them, so that one of them doesn't hide the others
MANY = 1000  # cells: with fewer, full colour is the hottest one's
FRAMES = 5
LANES = 4  # curves of one input; more channels are shown by their mean


@dataclass(frozen=True)
class Exposure:
    """One input and its heat as pictures: one, or several frames of a volume; or one curve for each channel.

    `grounds` are [H, W] or [H, W, 3] from 0 to 1, of a curve one [lanes, length] from -1 to 1; `heats` are [H, W], of a
    curve [length], from 0 to 1, or where `signed` from -1 to 1. `low` and `high` are the heat's own numbers there.
    """

    name: str
    answer: str
    grounds: tuple[Floats, ...]
    heats: tuple[Floats, ...]
    captions: tuple[str, ...]
    signed: bool
    low: float
    high: float
    peak: tuple[int, ...]
    hottest: int = 0
    rate: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_curve(self) -> bool:
        """Whether the input has one axis."""
        return self.heats[0].ndim == 1


def expose(heat: Heat, index: int) -> Exposure:
    """Make one input of a heat ready to be drawn.

    - One axis: a curve for each channel; more than four are shown by their mean.
    - Two: grey for one channel, colour for three, else the mean of the channels.
    - Three: the slices through the hottest part. More: the last two axes, with the hottest cell along the others.
    """
    values = heat.values[index].double().numpy()
    values = np.nan_to_num(values.reshape(-1) if values.ndim == 0 else values, posinf=0, neginf=0)
    shown, notes = read_input(heat, index, values.shape)
    scaled, low, high = scale_heat(values, signed=heat.signed)
    peak = find_peak(heat, index)
    frames: tuple[int, ...] = (0,)
    if values.ndim == 3:
        frames = choose_frames(np.clip(values, 0, None).max(axis=(1, 2)) if heat.signed else values.max(axis=(1, 2)))
    grounds, heats, captions, said = _lay_out(shown, scaled, frames)
    return Exposure(
        name=name_input(heat, index),
        answer=name_answer(heat, index),
        grounds=grounds,
        heats=heats,
        captions=captions,
        signed=heat.signed,
        low=low,
        high=high,
        peak=peak,
        hottest=frames.index(peak[0]) if values.ndim == 3 else 0,
        rate=heat.rate if values.ndim == 1 else None,
        notes=(*notes, *said, *(["every cell is equally hot"] if high == low else [])),
    )


def name_input(heat: Heat, index: int) -> str:
    """What an input is called: its file's last name, else its number."""
    if index < len(heat.names) and heat.names[index]:
        return heat.names[index].replace("\\", "/").rstrip("/").rpartition("/")[2]
    return f"input {index}"


def name_answer(heat: Heat, index: int) -> str:
    """The class or the unit that was asked about, and the network's score of it."""
    target = heat.target[index]
    if heat.unit is not None:
        named = f"unit {heat.unit}"
    else:
        named = heat.classes[target] if target < len(heat.classes) else f"class {target}"
    return f"{named}, score {heat.score[index]:.4g}" if index < len(heat.score) else named


def find_peak(heat: Heat, index: int) -> tuple[int, ...]:
    """The cell of an input that is hottest; of equal ones the first.

    >>> import torch
    >>> find_peak(Heat(torch.tensor([[[0.0, 1.0], [3.0, 2.0]]]), "occlusion", (0,)), 0)
    (1, 0)
    """
    values = np.nan_to_num(heat.values[index].double().numpy(), nan=-np.inf)
    return tuple(int(place) for place in np.unravel_index(int(values.argmax()), values.shape))


def scale_heat(values: Floats, *, signed: bool) -> tuple[Floats, float, float]:
    """Bring heat to 0..1, where signed to -1..1 with 0 in the middle; and say which numbers the ends stand for.

    Of more than a thousand cells, the hottest 0.5 % have full colour all.

    >>> scale_heat(np.array([1.0, 2.0, 3.0]), signed=False), scale_heat(np.array([1.0, -2.0]), signed=True)[0]
    ((array([0. , 0.5, 1. ]), 1.0, 3.0), array([ 0.5, -1. ]))
    """
    strength = np.abs(values) if signed else values
    least, most = (0.0 if signed else float(values.min(initial=np.inf))), float(strength.max(initial=-np.inf))
    if values.size > MANY:
        spared = float(np.quantile(strength, 1 - SPARED))
        most = spared if spared > least + 0.05 * (most - least) else most  # else the heat is a few cells alone
    if not most > least:
        return np.zeros_like(values), least, least
    return np.clip((values - least) / (most - least), -1 if signed else 0, 1), (-most if signed else least), most


def read_input(heat: Heat, index: int, extents: tuple[int, ...]) -> tuple[Floats, list[str]]:
    """An input [channels, *extents] from 0 to 1, or for a curve from -1 to 1; and what was done to it."""
    if heat.inputs.shape[:1] != heat.values.shape[:1] or tuple(heat.inputs.shape[2:]) != extents:
        return np.zeros((1, *extents)), ["the input wasn't kept, so that its heat is shown alone"]
    given = np.nan_to_num(heat.inputs[index].double().numpy(), posinf=0, neginf=0)
    if len(extents) == 1:
        return _centre(given), []
    known = {len(heat.mean), len(heat.std)} <= {1, len(given)}
    if not known:
        return stretch(given), ["the input is stretched from dark to light"]
    mean, std = (np.array(each).reshape(-1, *[1] * len(extents)) for each in (heat.mean, heat.std))
    return np.clip(given * std + mean, 0, 1), []


def stretch(values: NDArray[Any]) -> Floats:
    """Bring values to 0..1, all but the lowest and highest 0.5 % of them without loss.

    >>> stretch(np.array([2.0, 3.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    values = np.asarray(values, dtype=np.float64)
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    if values.size > MANY:
        inner = np.quantile(values, [SPARED, 1 - SPARED])
        low, high = inner if inner[1] > inner[0] else (low, high)
    return np.clip((values - low) / (high - low), 0, 1) if high > low else np.full_like(values, 0.5)


def _centre(curve: Floats) -> Floats:
    """A curve's channels from -1 to 1 in common, around their middle."""
    centred = curve - np.median(curve, axis=1, keepdims=True)
    largest = np.abs(centred).max(initial=0)
    return centred / largest if largest else centred


Laid = tuple[tuple[Floats, ...], tuple[Floats, ...], tuple[str, ...], list[str]]


def _lay_out(input: Floats, heat: Floats, frames: tuple[int, ...]) -> Laid:
    """Grounds, heats, captions and notes; of a volume its frames."""
    notes = [] if len(input) in (1, 3) else [f"shown is the mean of {len(input)} channels"]
    if heat.ndim == 1:
        lanes = input if len(input) <= LANES else input.mean(axis=0, keepdims=True)
        return (lanes,), (heat,), ("",), [] if len(input) <= LANES else notes
    merged = np.moveaxis(input, 0, -1) if len(input) == 3 else input.mean(axis=0)
    if heat.ndim == 2:
        return (merged,), (heat,), ("",), notes
    if heat.ndim == 3:
        chosen = [(merged[place], heat[place], f"slice {place} of {len(heat)}") for place in frames]
        grounds, heats, captions = zip(*chosen, strict=True)
        return grounds, heats, captions, notes
    others = tuple(range(heat.ndim - 2))
    flat = heat.reshape(-1, *heat.shape[-2:])
    hottest = np.take_along_axis(flat, np.abs(flat).argmax(axis=0)[None], axis=0)[0]
    notes.append(
        f"shown are the last two of {heat.ndim} axes: the hottest cell along the others, over the input's mean"
    )
    return (merged.mean(axis=others),), (hottest,), ("",), notes


def choose_frames(strength: NDArray[Any], most: int = FRAMES) -> tuple[int, ...]:
    """Which slices of a volume to show: the hottest, and others from the stretch around it that is half as hot or more.

    >>> choose_frames(np.array([0, 0, 0, 1, 0, 0, 0])), choose_frames(np.array([8, 8, 8, 9, 8, 8, 8, 8, 8, 1]), 3)
    ((1, 2, 3, 4, 5), (0, 3, 8))
    """
    hottest, count = int(np.argmax(strength)), len(strength)
    half = (strength[hottest] + strength.min()) / 2
    first = last = hottest
    while first > 0 and strength[first - 1] >= half:
        first -= 1
    while last < count - 1 and strength[last + 1] >= half:
        last += 1
    fewest = min(most, count)
    if last - first + 1 < fewest:
        first = min(max(first - (fewest - (last - first + 1)) // 2, 0), count - fewest)
        last = first + fewest - 1
    places = np.linspace(first, last, most).round().astype(int)
    places[np.abs(places - hottest).argmin()] = hottest
    return tuple(sorted({int(place) for place in places}))
