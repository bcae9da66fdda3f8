from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from striate.explain.cells.gabor import draw_gabor
from striate.explain.cells.gratings import answer_kernel
from striate.explain.cells.selectivity import (
    find_preference,
    measure_circular_variance,
    measure_half_width,
    measure_octaves,
)

GABORS = [(25.0, 0.2, 0.4), (90.0, 0.15, 1.6), (0.0, 0.25, 0.0), (160.0, 0.3, 2.5)]


def make_kernel(angle: float, frequency: float, phase: float, size: int = 15) -> torch.Tensor:
    numbers = np.array([size // 2, size // 2, 2.6, 2.6, frequency, math.radians(90 - angle)])
    even, odd = draw_gabor((size, size), numbers)
    return torch.from_numpy(math.cos(phase) * even - math.sin(phase) * odd)


def bisect(amplitude: object, good: float, bad: float, half: float) -> float:
    for _ in range(60):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if amplitude(middle) > half else (good, middle)  # type: ignore[operator]
    return good


@pytest.mark.parametrize(("angle", "frequency", "phase"), GABORS)
def test_synthetic_gabors_are_recovered(angle: float, frequency: float, phase: float) -> None:
    found = find_preference(make_kernel(angle, frequency, phase))
    assert abs((found.angle - angle + 90) % 180 - 90) < 2
    assert found.frequency == pytest.approx(frequency, rel=0.03)


@pytest.mark.parametrize(("angle", "frequency", "phase"), GABORS)
def test_bandwidths_are_those_of_a_bisection(angle: float, frequency: float, phase: float) -> None:
    kernel = make_kernel(angle, frequency, phase)
    found = find_preference(kernel)
    half = found.amplitude / 2
    around = lambda turn: abs(answer_kernel(kernel, found.angle + turn, found.frequency))  # noqa: E731
    along = lambda wave: abs(answer_kernel(kernel, found.angle, wave))  # noqa: E731
    width = (bisect(around, 0, 60, half) - bisect(around, 0, -60, half)) / 2
    assert found.half_width == pytest.approx(width, abs=1e-3)
    low, high = bisect(along, found.frequency, 0.03, half), bisect(along, found.frequency, 0.5, half)
    assert found.octaves == pytest.approx(math.log2(high / low), abs=1e-3)


def test_half_width_of_a_gaussian_window_is_the_closed_form() -> None:
    spread, frequency = 2.6, 0.2  # a window's transform is a Gaussian too
    found = find_preference(make_kernel(30, frequency, 0, size=25))
    half = math.sqrt(2 * math.log(2)) / (2 * math.pi * spread)
    assert found.octaves == pytest.approx(math.log2((frequency + half) / (frequency - half)), rel=1e-3)
    chord = 2 * math.asin(half / (2 * frequency))  # as far off on the circle of that frequency
    assert found.half_width == pytest.approx(math.degrees(chord), rel=1e-3)


def test_no_grating_is_answered_more() -> None:
    kernel = torch.randn(5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    found = find_preference(kernel)
    best = max(
        abs(answer_kernel(kernel, float(angle), float(frequency)))
        for angle in np.arange(0, 180, 3)
        for frequency in np.linspace(0, 0.5, 41)
    )
    assert found.amplitude >= best - 1e-9


def test_a_low_pass_filter_has_no_angle() -> None:
    found = find_preference(torch.ones(5, 5))
    assert found.frequency == 0
    assert math.isnan(found.angle)
    assert math.isnan(found.half_width)
    assert find_preference(torch.zeros(3, 3)).amplitude == 0


def test_one_axis_has_frequencies_alone() -> None:
    places = np.arange(41) - 20
    kernel = torch.from_numpy(np.exp(-0.5 * (places / 5) ** 2) * np.cos(2 * math.pi * 0.12 * places))
    found = find_preference(kernel)
    assert found.frequency == pytest.approx(0.12, rel=0.01)
    half = math.sqrt(2 * math.log(2)) / (2 * math.pi * 5)
    assert found.octaves == pytest.approx(math.log2((0.12 + half) / (0.12 - half)), rel=0.01)
    assert math.isnan(found.angle)


def test_selectivity_is_1_for_bars_and_circular_variance_compares() -> None:
    sharp, blunt = find_preference(make_kernel(30, 0.25, 0)), find_preference(make_kernel(30, 0.1, 0))
    assert sharp.selectivity == pytest.approx(1, abs=1e-3)
    assert sharp.circular_variance < blunt.circular_variance
    angles = np.arange(0, 180, 10.0)
    answers = 1 + np.cos(2 * np.radians(angles - 40))
    assert measure_circular_variance(answers.tolist(), angles.tolist()) == pytest.approx(0.5)


def test_what_never_falls_to_half_has_no_width() -> None:
    assert math.isnan(measure_half_width(lambda angle: 1 + 0.1 * math.cos(math.radians(2 * angle)), 0))
    assert math.isnan(measure_octaves(lambda frequency: math.exp(-frequency), 0.2))
