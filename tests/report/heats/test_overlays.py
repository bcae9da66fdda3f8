from __future__ import annotations

import numpy as np
from tests.report.heats.made import make_heat, make_spot

from striate.report.heats.exposures import expose
from striate.report.heats.overlays import (
    colour_strokes,
    paint_band,
    paint_bar,
    paint_heat,
    paint_input,
    paint_spectrogram,
    stroke_curve,
)
from striate.report.heats.ramps import to_lab
from striate.report.heats.spectra import compute_spectrogram


def test_the_overlay_is_lightest_where_it_is_hottest() -> None:
    heat = make_heat(1, (12, 15), 3)
    shown = expose(heat, 0)
    light = to_lab(paint_heat(shown, 0))[..., 0]
    assert np.unravel_index(light.argmax(), light.shape) == shown.peak


def test_a_grey_input_is_grey_and_a_coloured_one_itself() -> None:
    grey, colour = expose(make_heat(1, (5, 6)), 0), expose(make_heat(1, (5, 6), 3), 0)
    assert np.array_equal(paint_input(grey, 0), np.stack([grey.grounds[0]] * 3, axis=-1))
    assert np.array_equal(paint_input(colour, 0), colour.grounds[0])


def test_the_bar_goes_from_hot_to_cold() -> None:
    light = to_lab(paint_bar(signed=False))[..., 0]
    assert (np.diff(light[::10, 0]) < 0).all()
    signed = paint_bar(signed=True)
    assert signed[0, 0, 0] > signed[0, 0, 2]  # orange above
    assert signed[-1, 0, 0] < signed[-1, 0, 2]  # blue below


def test_short_curves_go_through_every_point() -> None:
    lane, heat = np.random.default_rng(0).normal(size=40), np.random.default_rng(1).random(40)
    strokes, heats = stroke_curve(lane, heat, 30)
    assert len(strokes) == len(heats) == 39
    for index in range(39):
        assert strokes[index].tolist() == [[index + 0.5, lane[index]], [index + 1.5, lane[index + 1]]]
        assert heats[index] == heat[index]


def test_long_curves_keep_every_extreme_and_every_heat() -> None:
    lane = np.random.default_rng(2).normal(size=1003)
    heat = np.zeros(1003)
    heat[517] = 1
    strokes, heats = stroke_curve(lane, heat, 50)
    assert len(strokes) == 50
    assert strokes[..., 1].min() == lane.min()
    assert strokes[..., 1].max() == lane.max()
    assert np.flatnonzero(heats).tolist() == [517 * 50 // 1003]
    low, high = strokes[:, 0, 1], strokes[:, 1, 1]
    assert (low[1:] <= high[:-1]).all()  # neighbours touch
    assert (high[1:] >= low[:-1]).all()


def test_one_moment_is_a_line_across() -> None:
    strokes, heats = stroke_curve(np.array([0.3]), np.array([0.7]))
    assert strokes.tolist() == [[[0, 0.3], [1, 0.3]]]
    assert heats.tolist() == [0.7]


def test_strokes_and_bands_follow_the_heat() -> None:
    heat = np.linspace(0, 1, 9)
    assert (np.diff(to_lab(colour_strokes(heat, signed=False))[::2, 0]) > 0).all()
    assert (np.diff(to_lab(paint_band(heat, signed=False))[0, :, 0]) > 0).all()


def test_a_spectrogram_is_lightest_where_sound_and_heat_meet() -> None:
    rate = 8000
    sound = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate)
    found = compute_spectrogram(sound, rate)
    assert found is not None
    heat = make_spot((rate,), (6000,), 300)
    light = to_lab(paint_spectrogram(found, heat, signed=False))[..., 0]
    row, column = np.unravel_index(light.argmax(), light.shape)
    assert abs(column / light.shape[1] - 0.75) < 0.05
    cold = light[:, : light.shape[1] // 2]
    assert abs(cold.mean(axis=1).argmax() / (light.shape[0] - 1) * found.hertz - 1000) < 50
    assert row >= 0
