from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.report.heats.made import make_heat, make_spot

from striate.report.heats.exposures import (
    choose_frames,
    expose,
    find_peak,
    name_answer,
    name_input,
    scale_heat,
    stretch,
)


def test_known_normalisation_is_undone_channel_by_channel() -> None:
    pictures = np.random.default_rng(0).random((2, 3, 5, 6))
    mean, std = np.array([0.4, 0.5, 0.6]), np.array([0.2, 0.3, 0.25])
    inputs = torch.from_numpy((pictures - mean[:, None, None]) / std[:, None, None])
    heat = make_heat(2, (5, 6), 3, inputs=inputs, mean=tuple(mean), std=tuple(std))
    for index in range(2):
        assert np.allclose(expose(heat, index).grounds[0], np.moveaxis(pictures[index], 0, -1))
        assert expose(heat, index).notes == ()


def test_unknown_normalisation_is_stretched_and_that_is_said() -> None:
    shown = expose(make_heat(1, (5, 6)), 0)
    assert (shown.grounds[0].min(), shown.grounds[0].max()) == (0, 1)
    assert shown.notes == ("the input is stretched from dark to light",)
    wrong = expose(make_heat(1, (5, 6), 3, mean=(0.1, 0.2), std=(0.1, 0.2)), 0)
    assert wrong.notes == shown.notes


@pytest.mark.parametrize(("channels", "shape"), [(1, (5, 6)), (2, (5, 6)), (3, (5, 6, 3)), (7, (5, 6))])
def test_any_number_of_channels_is_shown(channels: int, shape: tuple[int, ...]) -> None:
    heat = make_heat(1, (5, 6), channels, mean=(0.0,), std=(1.0,), inputs=torch.rand(1, channels, 5, 6))
    shown = expose(heat, 0)
    assert shown.grounds[0].shape == shape
    said = f"shown is the mean of {channels} channels" in shown.notes
    assert said == (channels in (2, 7))
    if said:
        assert np.allclose(shown.grounds[0], heat.inputs[0].mean(dim=0))


@pytest.mark.parametrize(("channels", "lanes"), [(1, 1), (3, 3), (4, 4), (5, 1)])
def test_a_curve_has_a_lane_for_each_channel_or_their_mean(channels: int, lanes: int) -> None:
    shown = expose(make_heat(1, (50,), channels), 0)
    assert shown.is_curve
    assert shown.grounds[0].shape == (lanes, 50)
    assert np.abs(shown.grounds[0]).max() <= 1


def test_unsigned_heat_fills_its_scale() -> None:
    values = np.random.default_rng(1).uniform(0.4, 0.6, (9, 9))
    scaled, low, high = scale_heat(values, signed=False)
    assert (low, high) == (values.min(), values.max())
    assert np.allclose(scaled * (high - low) + low, values)


def test_signed_heat_keeps_its_zero() -> None:
    values = np.array([[0.0, 2.0], [-8.0, 4.0]])
    scaled, low, high = scale_heat(values, signed=True)
    assert scaled.tolist() == [[0, 0.25], [-1, 0.5]]
    assert (low, high) == (-8, 8)


def test_a_single_glaring_cell_does_not_hide_the_others() -> None:
    values = np.random.default_rng(2).random((100, 100))
    values[3, 3] = 10
    scaled, _, high = scale_heat(values, signed=False)
    assert 0.9 < high < 1.1
    assert 0.4 < np.median(scaled) < 0.6
    lonely = np.zeros((100, 100))
    lonely[3, 3] = 5
    assert scale_heat(lonely, signed=False)[2] == 5  # it is all that there is


def test_flat_heat_is_cold_and_said_to_be_flat() -> None:
    shown = expose(make_heat(1, (4, 4), values=torch.full((1, 4, 4), 3.0)), 0)
    assert not shown.heats[0].any()
    assert (shown.low, shown.high) == (3, 3)
    assert shown.notes[-1] == "every cell is equally hot"


def test_values_that_are_no_numbers_do_no_harm() -> None:
    values = torch.tensor([[[float("nan"), 1.0], [float("inf"), 2.0]]])
    heat = make_heat(1, (2, 2), values=values, inputs=torch.full((1, 1, 2, 2), float("nan")))
    shown = expose(heat, 0)
    assert np.isfinite(shown.heats[0]).all()
    assert np.isfinite(shown.grounds[0]).all()


def test_the_peak_is_the_hottest_cell() -> None:
    values = torch.zeros(2, 3, 4, 5)
    values[0, 2, 1, 3], values[1, 0, 0, 4] = 1, 1
    heat = make_heat(2, (3, 4, 5), values=values)
    assert (find_peak(heat, 0), find_peak(heat, 1)) == ((2, 1, 3), (0, 0, 4))


@pytest.mark.parametrize("hottest", [0, 1, 6, 10, 11])
@pytest.mark.parametrize("width", [0.3, 2.0, 30.0])
def test_slices_go_through_the_hottest_part(hottest: int, width: float) -> None:
    strength = make_spot((12,), (hottest,), width)
    places = choose_frames(strength)
    assert hottest in places
    assert list(places) == sorted(set(places))
    assert 4 <= len(places) <= 5
    assert 0 <= places[0] <= places[-1] <= 11
    near = np.flatnonzero(2 * strength >= 1)
    assert len(near) <= 5 or {places[0], places[-1]} <= set(near)


def test_a_volumes_hottest_slice_holds_its_peak() -> None:
    for signed in (False, True):
        heat = make_heat(1, (9, 6, 5), signed=signed)
        shown, (place, row, column) = expose(heat, 0), find_peak(heat, 0)
        assert shown.captions[shown.hottest] == f"slice {place} of 9"
        assert shown.heats[shown.hottest][row, column] == max(frame.max() for frame in shown.heats)


def test_of_more_axes_the_strongest_along_the_others_is_kept() -> None:
    values = torch.from_numpy(np.random.default_rng(4).normal(size=(1, 2, 3, 4, 5)))
    shown = expose(make_heat(1, (2, 3, 4, 5), signed=True, values=values), 0)
    expected = np.zeros((4, 5))
    for cell in np.ndindex(2, 3, 4, 5):
        value = float(values[(0, *cell)])
        if abs(value) > abs(expected[cell[2:]]):
            expected[cell[2:]] = value
    assert np.allclose(shown.heats[0] * shown.high, expected)


def test_names_and_answers() -> None:
    heat = make_heat(2, (4, 4), names=("a\\b/c.png", ""), score=(1.23456,), classes=("x",), target=(0, 5))
    assert [name_input(heat, index) for index in range(2)] == ["c.png", "input 1"]
    assert [name_answer(heat, index) for index in range(2)] == ["x, score 1.235", "class 5"]
    assert name_answer(make_heat(1, (4, 4), unit=3, score=()), 0) == "unit 3"


def test_stretching_is_robust() -> None:
    values = np.random.default_rng(5).random(5000)
    values[0] = 1e9
    assert 0.4 < np.median(stretch(values)) < 0.6
    assert stretch(np.full(9, 7.0)).tolist() == [0.5] * 9
