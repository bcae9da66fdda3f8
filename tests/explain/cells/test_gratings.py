from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
import torch

from striate.explain.cells.gratings import answer_kernel, drift_phases, make_gratings, modulate, wave_vector


@pytest.mark.parametrize(("angle", "constant"), [(0.0, 1), (90.0, 0)])
def test_bars_lie_at_0_and_stand_at_90(angle: float, constant: int) -> None:
    (grating,) = make_gratings((8, 8), angle, 0.2, [0.3], (3.5, 3.5)).numpy()
    assert np.allclose(np.ptp(grating, axis=constant), 0)
    assert np.ptp(grating, axis=1 - constant).min() > 1


def test_bars_at_45_rise_to_the_right() -> None:
    (grating,) = make_gratings((9, 9), 45, 0.2, [0.0], (4, 4)).numpy()
    for step in range(-4, 5):
        assert grating[4 - step, 4 + step] == pytest.approx(1)  # up a row, right a column


@pytest.mark.parametrize("angle", [0.0, 20.0, 90.0, 135.0])
def test_an_answer_is_the_kernel_s_fourier_transform(angle: float) -> None:
    kernel = torch.randn(4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    wave, total = wave_vector(angle, 0.17, 2), 0j
    for row in range(4):
        for column in range(5):
            turns = wave[0] * (row - 1.5) + wave[1] * (column - 2)
            total += float(kernel[row, column]) * cmath.exp(2j * math.pi * turns)
    assert answer_kernel(kernel, angle, 0.17) == pytest.approx(total)


def test_its_amplitude_is_the_largest_answer_over_a_drift() -> None:
    kernel = torch.randn(5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = answer_kernel(kernel, 30, 0.2)
    phases = np.linspace(0, 2 * math.pi, 2000)
    answers = (make_gratings((5, 5), 30, 0.2, phases.tolist(), (2, 2)) * kernel).sum((1, 2))
    assert float(answers.max()) == pytest.approx(abs(found), rel=1e-5)
    assert phases[int(answers.argmax())] == pytest.approx(cmath.phase(found) % (2 * math.pi), abs=5e-3)


def test_a_rectified_linear_unit_follows_the_drift_by_half_pi() -> None:
    f0, f1 = modulate(drift_phases(720).cos().clamp(min=0))
    assert float(f1 / f0) == pytest.approx(math.pi / 2, rel=1e-4)
    few = modulate(drift_phases().cos().clamp(min=0))
    assert float(few[1] / few[0]) == pytest.approx(math.pi / 2, rel=0.02)


def test_an_energy_model_does_not() -> None:
    even, odd = drift_phases().cos(), drift_phases().sin()
    f0, f1 = modulate(even**2 + odd**2)
    assert float(f0) == pytest.approx(1)
    assert float(f1) == pytest.approx(0, abs=1e-12)


def test_the_answer_to_a_blank_is_taken_away() -> None:
    f0, f1 = modulate(torch.stack([3 + drift_phases().cos(), 2 + 0 * drift_phases()]), torch.tensor([3.0, 0.5]))
    assert f0.tolist() == pytest.approx([0, 1.5])
    assert f1.tolist() == pytest.approx([1, 0])
