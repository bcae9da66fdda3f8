"""PSNR and SI-SDR by their definitions, sample by sample."""

from __future__ import annotations

import math

import pytest
import torch

from striate.train.tasks.quality import MOST, measure_psnr, measure_si_sdr


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_psnr_by_definition(low: float) -> None:
    generator = torch.Generator().manual_seed(0)
    found, clean = (torch.rand(4, 2, 3, 5, generator=generator) * 3 - 1 for _ in range(2))
    for row, value in enumerate(measure_psnr(found, clean, low).tolist()):
        pairs = list(zip(found[row].flatten().tolist(), clean[row].flatten().tolist(), strict=True))
        cut = [(min(max(a, low), 1), min(max(b, low), 1)) for a, b in pairs]
        error = sum((a - b) ** 2 for a, b in cut) / len(cut)
        assert value == pytest.approx(20 * math.log10(1 - low) - 10 * math.log10(error), abs=1e-3)


def test_si_sdr_by_projection() -> None:
    """The best scaling by least squares, and what it leaves over."""
    generator = torch.Generator().manual_seed(1)
    found, clean = (torch.randn(5, 1, 64, generator=generator).double() for _ in range(2))
    found = found + 3 * clean
    for row, value in enumerate(measure_si_sdr(found, clean).tolist()):
        scale = torch.linalg.lstsq(clean[row].T, found[row].T).solution
        target = scale * clean[row]
        ratio = float(target.square().sum() / (found[row] - target).square().sum())
        assert value == pytest.approx(10 * math.log10(ratio), abs=1e-6)


def test_si_sdr_does_not_ask_how_loud() -> None:
    generator = torch.Generator().manual_seed(2)
    found, clean = (torch.randn(3, 2, 40, generator=generator) for _ in range(2))
    assert torch.allclose(measure_si_sdr(found, clean), measure_si_sdr(0.01 * found, 7 * clean), atol=1e-3)


def test_ends_of_the_scale() -> None:
    clean = torch.rand(2, 1, 20, generator=torch.Generator().manual_seed(3))
    assert measure_psnr(clean, clean).tolist() == [MOST] * 2
    assert measure_si_sdr(clean, clean).min() > MOST - 1e-3 or measure_si_sdr(clean, clean).isfinite().all()
    assert measure_si_sdr(torch.zeros_like(clean), clean).tolist() == [-MOST] * 2
    assert bool(measure_si_sdr(clean, torch.zeros_like(clean)).isnan().all())
