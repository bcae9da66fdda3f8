"""How an input is written down while it is made: as cells, or as a spectrum in which low frequencies move first.

An ascent in plain cells runs into fine noise. The same input as the coefficients of its Fourier transform, each scaled
by one over its frequency, and with the channels of colour turned into axes that vary independently in nature, has
the same optima but a shorter way to those that look like something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod, sqrt

import torch
from torch import Tensor

from striate.errors import InputError

KINDS = ("fourier", "cells")
LIMITS = ("range", "norm")
START = 0.05  # the deviation of an input's beginning, before its values are bounded
OPPONENTS = ((1.0, 1.0, 1.0), (1.0, 0.0, -1.0), (-0.5, 1.0, -0.5))  # brightness, red to blue, green to magenta
VARIATION = (1.0, 0.31, 0.11)  # along these axes, measured on the photographs of CIFAR-10


@dataclass(frozen=True)
class Bounds:
    """Which inputs are allowed, in the values that the network takes.

    With the limit "range" each value lies between its channel's `low` and `high`; with "norm" the input has the length
    that one with values of deviation 1 has, around 0.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    limit: str = "range"

    def __post_init__(self) -> None:
        """Check that there is room between them."""
        if self.limit not in LIMITS:
            raise InputError(f"limit: found {self.limit}, needed one of {', '.join(LIMITS)}")
        if any(not low < high for low, high in zip(self.low, self.high, strict=True)):
            raise InputError(f"bounds: found {self.low} to {self.high}, needed the lower value first")

    def bind(self, free: Tensor) -> Tensor:
        """Any numbers [count, channels, *extents] as an allowed input."""
        if self.limit == "norm":
            length = free.flatten(1).norm(dim=1).clamp_min(torch.finfo(free.dtype).tiny)
            radius = sqrt(free[0].numel())
            scaled: Tensor = free * (radius / length).reshape(-1, *[1] * (free.ndim - 1))
            return scaled
        low, high = (_stretch(values, free) for values in (self.low, self.high))
        # nothing written is 0, the mean of what the network was trained on, where that is allowed
        middle = (-low / (high - low)).clamp(0.02, 0.98)
        return low + (high - low) * torch.sigmoid(free + torch.logit(middle))

    def show(self, inputs: Tensor) -> Tensor:
        """Allowed inputs on the scale from 0 to 1, on which pictures are drawn."""
        low, high = (_stretch(values, inputs) for values in (self.low, self.high))
        return ((inputs - low) / (high - low)).clamp(0, 1)


def _stretch(values: Sequence[float], like: Tensor) -> Tensor:
    return like.new_tensor(values).reshape(-1, *[1] * (like.ndim - 2))


@dataclass(frozen=True)
class Canvas:
    """How inputs of a shape (channels x extents) are written down; `paint` turns what is written into an input."""

    shape: tuple[int, ...]
    bounds: Bounds
    kind: str = "fourier"
    dtype: torch.dtype = torch.float32
    device: torch.device | str = "cpu"

    def __post_init__(self) -> None:
        """Check the kind and the number of channels."""
        if self.kind not in KINDS:
            raise InputError(f"parametrisation: found {self.kind}, needed one of {', '.join(KINDS)}")
        if len(self.shape) < 2 or min(self.shape) < 1 or len(self.bounds.low) != self.shape[0]:
            found = f"{'x'.join(map(str, self.shape))} with bounds for {len(self.bounds.low)}"
            raise InputError(f"shape: found {found}, needed channels x extents, and bounds for each channel")

    def begin(self, seeds: Sequence[int]) -> Tensor:
        """What is written down at first: faint noise that follows from each image's seed alone.

        Shape:   [count, channels, *extents], a further 2 at the end for a spectrum.
        """
        size = (*self.shape[:-1], self.shape[-1] // 2 + 1, 2) if self.kind == "fourier" else self.shape
        drawn = [
            torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) for seed in seeds
        ]
        written = torch.float64 if self.dtype == torch.float64 else torch.float32  # halves have no Fourier transform
        return (START * torch.stack(drawn)).to(self.device, written)

    def paint(self, written: Tensor) -> Tensor:
        """The inputs that are written down, as the network takes them; differentiable.

        Shape:   [count, channels, *extents].
        """
        free = self._mix(written)
        if self.shape[0] == 3 and len(self.shape) > 2:  # three channels of a series are no colours
            free = torch.einsum("ij,nj...->ni...", decorrelate_colours().to(free), free)
        return self.bounds.bind(free).to(self.dtype)

    def _mix(self, written: Tensor) -> Tensor:
        """Cells as they are; a spectrum as the sum of its waves, of deviation 1 where the numbers have that."""
        if self.kind == "cells":
            return written
        extents = self.shape[1:]
        axes = tuple(range(-len(extents), 0))
        spectrum = torch.view_as_complex(written) * scale_frequencies(extents).to(written)
        waves: Tensor = torch.fft.irfftn(spectrum, s=extents, dim=axes, norm="ortho")
        return waves


def scale_frequencies(extents: Sequence[int]) -> Tensor:
    """One over the frequency, for each coefficient of a real spectrum; the constant counts as the lowest wave.

    Scaled so that a spectrum of independent numbers, real and imaginary, of deviation 1 makes an input of about
    deviation 1.

    Shape:   [*extents[:-1], extents[-1] // 2 + 1].
    Source:  Olah et al. 2017, doi:10.23915/distill.00007, "Preconditioning and parameterization".

    >>> scale = scale_frequencies((8,))
    >>> (scale[1] / scale[4]).item()
    4.0
    """
    waves = [torch.fft.fftfreq(extent, dtype=torch.float64) for extent in extents]
    grid = torch.meshgrid(*waves, indexing="ij")
    frequency = torch.stack(grid).square().sum(0).sqrt().clamp_min(1 / max(extents))
    whole = 1 / frequency
    mean_square = whole.square().sum().item() / prod(extents)
    return whole[..., : extents[-1] // 2 + 1] / sqrt(2 * mean_square)


def decorrelate_colours() -> Tensor:
    """From three independent numbers to red, green and blue as they vary together in nature.

    Shape:   [3, 3], columns along brightness, yellow against blue, and green against magenta.
    Source:  Ohta, Kanade and Sakai 1980, "Color information for region segmentation", sec. 2, made orthonormal.

    >>> decorrelate_colours()[:, 0]
    tensor([0.5774, 0.5774, 0.5774], dtype=torch.float64)
    """
    axes = torch.tensor(OPPONENTS, dtype=torch.float64)
    unit = axes / axes.square().sum(1, keepdim=True).sqrt()
    return unit.T * torch.tensor(VARIATION, dtype=torch.float64)
