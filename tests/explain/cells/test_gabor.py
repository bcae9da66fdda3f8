from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from striate.explain.cells.gabor import GABOR_LIKE, draw_gabor, fit_gabor


def draw_by_hand(size: int, centre: tuple[float, float], widths: tuple[float, float], angle: float, frequency: float,
                 phase: float) -> NDArray[np.float64]:  # fmt: skip
    """Cell by cell; x to the right and y upwards, bars at `angle`."""
    values, turn = np.zeros((size, size)), math.radians(angle)
    for row in range(size):
        for column in range(size):
            x, y = column - centre[1], centre[0] - row
            along, across = x * math.cos(turn) + y * math.sin(turn), x * math.sin(turn) - y * math.cos(turn)
            window = math.exp(-0.5 * ((across / widths[0]) ** 2 + (along / widths[1]) ** 2))
            values[row, column] = window * math.cos(2 * math.pi * frequency * across + phase)
    return values


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 140.0])
def test_bars_are_at_the_angle(angle: float) -> None:
    numbers = np.array([3.2, 3.9, 1.4, 2.0, 0.21, math.radians(90 - angle)])
    assert np.allclose(draw_gabor((8, 8), numbers)[0], draw_by_hand(8, (3.2, 3.9), (1.4, 2.0), angle, 0.21, 0.0))


@pytest.mark.parametrize(
    ("angle", "frequency", "phase", "noise"), [(12, 0.18, 0.3, 0), (77, 0.25, 2.0, 0), (130, 0.15, 4.0, 0.05)]
)
def test_a_gabor_function_is_recovered(angle: float, frequency: float, phase: float, noise: float) -> None:
    kernel = draw_by_hand(9, (4.3, 3.8), (1.7, 2.3), angle, frequency, phase)
    kernel = kernel + noise * np.random.default_rng(0).normal(size=kernel.shape)
    found = fit_gabor(kernel, angle + 8, 1.15 * frequency)
    assert found is not None
    assert abs((found.angle - angle + 90) % 180 - 90) < (2 if noise else 0.01)
    assert found.frequency == pytest.approx(frequency, rel=0.03 if noise else 1e-4)
    assert found.r2 > (0.9 if noise else 1 - 1e-8)
    assert found.is_good
    if not noise:
        assert found.centre == pytest.approx((4.3, 3.8), abs=1e-3)
        assert found.widths == pytest.approx((1.7, 2.3), rel=1e-3)
        assert np.allclose(found.values, kernel, atol=1e-5)


def test_noise_is_not_called_a_gabor_function() -> None:
    rng = np.random.default_rng(1)
    found = [fit_gabor(rng.normal(size=(7, 7)), 30, 0.2) for _ in range(4)]
    assert not any(each is None or each.is_good for each in found)


def test_adjusted_is_less_by_the_parameters() -> None:
    kernel = np.random.default_rng(1).normal(size=(5, 5))
    found = fit_gabor(kernel, 30, 0.2)
    assert found is not None
    miss = float(((kernel - found.values) ** 2).sum() / ((kernel - kernel.mean()) ** 2).sum())
    assert found.r2 == pytest.approx(1 - miss)
    assert found.adjusted == pytest.approx(1 - miss * 24 / 16)
    assert found.is_good == (found.adjusted >= GABOR_LIKE)


def test_too_few_cells_and_flat_kernels_have_no_fit() -> None:
    assert fit_gabor(np.random.default_rng(0).normal(size=(3, 3)), 0, 0.2) is None
    assert fit_gabor(np.ones((7, 7)), math.nan, 0.0) is None
    assert fit_gabor(np.zeros((7, 7)), math.nan, 0.0) is None


def test_one_axis_is_fitted_too() -> None:
    places = np.arange(21) - 9.4
    kernel = 3 * np.exp(-0.5 * (places / 3) ** 2) * np.cos(2 * math.pi * 0.17 * places + 1)
    found = fit_gabor(kernel, math.nan, 0.16)
    assert found is not None
    assert (found.frequency, found.amplitude, found.centre[0]) == pytest.approx((0.17, 3, 9.4), rel=1e-4)
    assert math.isnan(found.angle)
