"""The blur against scipy's Gaussian filter, axis by axis."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from striate.explain.trust.blurring import blur, make_kernel


@pytest.mark.parametrize("extents", [(40,), (9, 30), (5, 12, 7), (1, 6), (3, 2, 4, 5)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_small_inputs_have_rises_kernel(extents: tuple[int, ...], dtype: torch.dtype) -> None:
    inputs = torch.randn(2, 3, *extents, dtype=dtype)
    sigma = (0, 0, *(5.0 for _ in extents))
    expected = gaussian_filter(inputs.double().numpy(), sigma, mode="nearest", truncate=1.0)  # 5 cells to each side
    assert blur(inputs).dtype == dtype
    assert blur(inputs).numpy() == pytest.approx(expected, abs=1e-6)


def test_a_larger_axis_has_a_wider_kernel() -> None:
    inputs = torch.randn(1, 1, 20, 448, dtype=torch.float64)
    expected = gaussian_filter(inputs.numpy(), (0, 0, 5.0, 0), mode="nearest", truncate=1.0)
    expected = gaussian_filter(expected, (0, 0, 0, 10.0), mode="nearest", truncate=1.1)  # 11 cells to each side
    assert blur(inputs).numpy() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("extent", [1, 48, 224, 300, 16000])
def test_a_kernel_is_odd_and_sums_to_1(extent: int) -> None:
    kernel = make_kernel(extent)
    assert len(kernel) % 2 == 1
    assert float(kernel.sum()) == pytest.approx(1)
    assert np.array_equal(kernel, kernel.flip(0))
