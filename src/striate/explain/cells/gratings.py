"""Sinusoidal gratings: what they are, how a kernel answers to them, and how a network does.

Angles are those of the bars, in degrees from 0 to 180, as one sees them: 0 lies, 90 stands, 45 rises to the right.
Frequencies are in cycles per cell of the input. A grating drifts by its phase.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

PHASES = 16
NYQUIST = 0.5
Measure = Callable[[Tensor], Tensor]


def wave_vector(angle: float, frequency: float, axes: int) -> tuple[float, ...]:
    """How the phase advances per cell along each axis, in cycles; rows count downwards.

    >>> [round(part, 6) + 0.0 for part in wave_vector(90, 0.25, 2)], wave_vector(0, 0.25, 1)
    ([0.0, 0.25], (0.25,))
    """
    if axes == 1:
        return (frequency,)
    across = math.radians(90 - angle)
    return frequency * math.sin(across), frequency * math.cos(across)


def make_gratings(
    extents: Sequence[int], angle: float, frequency: float, phases: Sequence[float] | Tensor, centre: Sequence[float]
) -> Tensor:
    """Gratings of these phases (radians, at the centre), one after the other.

    Shape:   [phases, *extents], float64 from -1 to 1.

    >>> make_gratings((4,), 0, 0.25, [0.0], (0,)).round().int().tolist()
    [[1, 0, -1, 0]]
    """
    turns = torch.zeros(tuple(extents), dtype=torch.float64)
    for axis, (extent, part) in enumerate(zip(extents, wave_vector(angle, frequency, len(extents)), strict=True)):
        cells = torch.arange(extent, dtype=torch.float64) - centre[axis]
        turns = turns + (part * cells).reshape([-1 if other == axis else 1 for other in range(len(extents))])
    drift = torch.as_tensor(phases, dtype=torch.float64).reshape(-1, *[1] * len(extents))
    return torch.cos(2 * math.pi * turns - drift)


def answer_kernel(kernel: Tensor, angle: float, frequency: float) -> complex:
    """A kernel's answer to a drifting grating: its amplitude, and by its angle the phase that is answered most.

    It is the kernel's Fourier transform at the grating's wave vector, exact at any frequency.

    Shape:   `kernel` [*size].
    """
    centre = [(extent - 1) / 2 for extent in kernel.shape]
    cosine, sine = make_gratings(kernel.shape, angle, frequency, [0.0, math.pi / 2], centre)
    weights = kernel.double()
    return complex(float((weights * cosine).sum()), float((weights * sine).sum()))


def drift_phases(count: int = PHASES) -> Tensor:
    """Phases evenly around a whole period."""
    return 2 * math.pi * torch.arange(count, dtype=torch.float64) / count


def modulate(answers: Tensor, blank: Tensor | float = 0.0) -> tuple[Tensor, Tensor]:
    """What a period of drift does to answers over the last axis: F0, their mean above the blank's, and F1.

    F1 is the amplitude of the first harmonic.

    Source:  Skottun, De Valois, Grosof, Movshon, Albrecht, Bonds 1991, "Classifying simple and complex cells on the
             basis of response modulation"; the answer to a blank is subtracted as their maintained discharge is.

    >>> f0, f1 = modulate(1 + 0.5 * drift_phases(8).cos())
    >>> round(float(f0), 6), round(float(f1), 6)
    (1.0, 0.5)
    """
    answers = answers.double()
    waves = torch.exp(-1j * drift_phases(answers.shape[-1])).to(answers.device)
    return answers.mean(-1) - blank, 2 * (answers * waves).mean(-1).abs()
