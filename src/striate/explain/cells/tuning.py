"""The view `tuning`: what the first cells are tuned to, as the literature on the visual cortex reports it.

Of each unit twice: its linear stage, exactly, from the kernel's Fourier transform, with the Gabor function that fits
it best; and its answers within the network, behind the rectifier, to drifting gratings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from striate.errors import InputError
from striate.explain.cells.chroma import Chroma, split_chroma
from striate.explain.cells.gabor import Gabor, fit_gabor
from striate.explain.cells.recording import Answer, choose_battery, record
from striate.explain.cells.selectivity import Preference, find_preference
from striate.explain.hooks import list_calls
from striate.explain.look import Look
from striate.explain.options import settle_options
from striate.explain.untouched import untouched

TUNING: dict[str, Any] = {"angles": 12, "frequencies": 7, "rows": 256}
FOLLOWING = (_BatchNorm, nn.GroupNorm, nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Softplus,
             nn.Tanh, nn.Sigmoid, nn.Hardtanh, nn.Hardswish)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """One unit: its kernel along its preferred direction of colour, what that prefers, its Gabor fit, its answers.

    `chroma`, `preference` and `gabor` are None for a layer that doesn't read the input; `gabor` also where a kernel
    has too few cells for a fit.
    """

    index: int
    answer: Answer
    chroma: Chroma | None = field(default=None, repr=False)
    preference: Preference | None = None
    gabor: Gabor | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Tuning:
    """The tuning of a layer's units. `kernels` is the convolution whose kernels were read, None for a deeper layer.

    `layer` is where answers were recorded; `angles` and `frequencies` are those of the gratings shown, frequencies in
    cycles per cell of the input.
    """

    name: str
    layer: str
    kernels: str | None
    axes: int
    channels: int
    units: tuple[Unit, ...]
    angles: tuple[float, ...]
    frequencies: tuple[float, ...]
    rate: int | None = None
    notes: tuple[str, ...] = ()

    def count(self, kind: str) -> int:
        """How many units are `simple`, `complex` or `silent`."""
        return sum(unit.answer.kind == kind for unit in self.units)


def compute_tuning(look: Look) -> Tuning:
    """Compute what the units of the first convolution (or of a named layer) are tuned to.

    Cost:    a pass for each grating: 12 angles x 7 frequencies x 16 phases, three times that in colour; and about 0.3 s
             for the fit of each kernel.
    Raises:  InputError for inputs of no axes or more than two, and a network without a convolution that reads its
    input. Source:  Jones, Palmer 1987 (Gabor fits); De Valois, Albrecht, Thorell 1982 (bandwidths); Ringach, Shapley,
    Hawken
             2002 (circular variance); Skottun et al. 1991 (simple and complex).
    """
    options, axes = settle_options("tuning", TUNING, look.options), len(look.input) - 1
    if axes not in (1, 2):
        raise InputError(f"tuning: found inputs of {axes} axes, needed 1 or 2, for gratings. Try the view kernels")
    for option, value in options.items():
        if value < 1:
            raise InputError(f"tuning: option {option} is {value}, needed 1 or more")
    battery = choose_battery(look.input, options["angles"], options["frequencies"])
    with untouched(look.module), torch.no_grad():
        kernels, layer = _find_layers(look)
        answers = record(look, layer, battery, options["rows"])
        weights = _read_weights(look, kernels) if kernels else [None] * len(answers)
    if len(weights) != len(answers):
        weights, kernels = [None] * len(answers), None
    return Tuning(
        name=look.name,
        layer=layer,
        kernels=kernels,
        axes=axes,
        channels=look.input[0],
        units=tuple(_describe(number, *pair) for number, pair in enumerate(zip(answers, weights, strict=True))),
        angles=battery.angles,
        frequencies=battery.frequencies,
        rate=look.rate,
        notes=_take_notes(look),
    )


def _describe(index: int, answer: Answer, weights: NDArray[np.float64] | None) -> Unit:
    if weights is None:
        return Unit(index, answer)
    chroma = split_chroma(weights)
    preference = find_preference(torch.from_numpy(chroma.kernel))
    gabor = fit_gabor(chroma.kernel, preference.angle, preference.frequency)
    return Unit(index, answer, chroma, preference, gabor)


def _find_layers(look: Look) -> tuple[str | None, str]:
    """The convolution that reads the input, if it is what is asked about, and the layer whose output is recorded."""
    place = next(iter(look.module.parameters()), torch.empty(0))
    with list_calls(look.module) as calls:
        look.module(torch.zeros(1, *look.input, device=place.device, dtype=place.dtype))
    leaves = [(path, part) for path, part, _ in calls if next(part.children(), None) is None]
    first = next((number for number, (_, part) in enumerate(leaves) if _reads_input(part, look.input)), None)
    if look.layer is not None and (first is None or leaves[first][0] != look.layer):
        return None, look.layer
    if first is None:
        raise InputError("tuning: found no convolution that reads the input, needed one. Name a layer to record from")
    last = first
    while last + 1 < len(leaves) and isinstance(leaves[last + 1][1], FOLLOWING):
        last += 1
    return leaves[first][0], leaves[last][0]


def _reads_input(part: nn.Module, input: tuple[int, ...]) -> bool:
    if not isinstance(part, _ConvNd) or part.transposed:
        return False
    return len(part.kernel_size) == len(input) - 1 and part.in_channels == input[0]


def _read_weights(look: Look, path: str) -> list[NDArray[np.float64]]:
    """The kernels [channels, *size] of each unit, as they act on inputs that aren't normalised."""
    part: Any = look.module.get_submodule(path)
    weight: Tensor = part.weight.detach().double().cpu()
    width, whole = weight.shape[1], torch.zeros(len(weight), part.in_channels, *weight.shape[2:], dtype=torch.float64)
    for unit, kernel in enumerate(weight):
        start = unit // (len(weight) // part.groups) * width
        whole[unit, start : start + width] = kernel
    if look.std:
        whole = whole / torch.tensor(look.std, dtype=torch.float64).reshape(-1, *[1] * (weight.ndim - 2))
    if any(step > 1 for step in part.dilation):
        whole = _spread(whole, part.dilation)
    return list(whole.numpy())


def _spread(kernels: Tensor, dilation: tuple[int, ...]) -> Tensor:
    """Kernels with the zeros that dilation puts between their weights."""
    extents = [(size - 1) * step + 1 for size, step in zip(kernels.shape[2:], dilation, strict=True)]
    spread = torch.zeros(*kernels.shape[:2], *extents, dtype=kernels.dtype)
    spread[(slice(None), slice(None), *(slice(None, None, step) for step in dilation))] = kernels
    return spread


def _take_notes(look: Look) -> tuple[str, ...]:
    contrast = "of full contrast about a middle grey" if look.std else "of amplitude 1 about 0"
    notes = [f"Gratings are {contrast}; answers are those of the layer's middle cell, and below 0 count as 0."]
    if look.input[0] not in (1, 3):
        notes.append(f"All {look.input[0]} channels carry the same grating.")
    if look.input[0] == 3:
        notes.append("A kernel's figures hold for gratings in its own direction of colour.")
    return tuple(notes)
