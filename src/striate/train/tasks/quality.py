"""How near restored samples are to clean ones, sample by sample: PSNR of pictures, SI-SDR of sound, in decibels."""

from __future__ import annotations

import torch
from torch import Tensor

MOST = 100.0  # decibels: what is exact, or wholly wrong, has a figure too


def measure_psnr(found: Tensor, clean: Tensor, low: float = 0.0) -> Tensor:
    """Measure the peak signal-to-noise ratio: full scale, from `low` to 1, squared over the mean squared error.

    What lies beyond full scale is cut off first; 100 dB at most.

    Shape:  [count, ...] -> [count].

    >>> measure_psnr(torch.tensor([[0.1, 0.9]]), torch.tensor([[0.0, 1.0]]))
    tensor([20.0000])
    """
    error = (found.clamp(low, 1) - clean.clamp(low, 1)).flatten(1).square().mean(1)
    return (10 * torch.log10((1 - low) ** 2 / error.clamp(min=1e-12))).clamp(-MOST, MOST)


def measure_si_sdr(found: Tensor, clean: Tensor) -> Tensor:
    """Measure the scale-invariant signal-to-distortion ratio, channels taken together; NaN where `clean` is silent.

    Shape:  [count, ...] -> [count].
    Source: Le Roux, Wisdom, Erdogan and Hershey 2019, "SDR: half-baked or well done?", arXiv:1811.02508, eq. 3.

    >>> measure_si_sdr(torch.tensor([[2.0, 2.0, 0.2]]), torch.tensor([[1.0, 1.0, 0.0]]))
    tensor([23.0103])
    """
    found, clean = found.flatten(1), clean.flatten(1)
    power = clean.square().sum(1, keepdim=True)
    target = (found * clean).sum(1, keepdim=True) / power * clean
    signal, rest = target.square().sum(1), (found - target).square().sum(1)
    ratio = signal / rest.clamp(min=torch.finfo(found.dtype).tiny)
    decibels = (10 * torch.log10(ratio.clamp(min=10 ** (-MOST / 10)))).clamp(-MOST, MOST)
    return torch.where(power[:, 0] > 0, decibels, torch.nan)
