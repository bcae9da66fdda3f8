from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from tests.report.test_costs import check_layout, find_texts
from torch import nn

from striate.explain.cells.tuning import Tuning, compute_tuning
from striate.explain.look import Look
from striate.report.figures import figure
from striate.report.units.cells import describe_unit
from striate.report.units.tunings import MOST, choose_units, draw_tuning, list_panels, write_notes

OPTIONS = {"angles": 4, "frequencies": 2}


@cache
def make_tuning(axes: int = 2, channels: int = 1, units: int = 3, layer: str | None = None) -> Tuning:
    """Three units computed; more are the same again, their fits ever worse."""
    torch.manual_seed(0)
    conv = (nn.Conv1d, nn.Conv2d)[axes - 1](channels, 3, 5)
    look = Look(nn.Sequential(conv, nn.ReLU()), (channels, *[12] * axes), "a network", layer=layer, options=OPTIONS)
    tuning = compute_tuning(look)
    made = [replace(tuning.units[number % 3], index=number) for number in range(units)]
    for place, unit in enumerate(made):
        if units > 3 and unit.gabor is not None:
            made[place] = replace(unit, gabor=replace(unit.gabor, adjusted=0.9 - place / 50))
    return replace(tuning, units=tuple(made))


@pytest.mark.parametrize(("axes", "channels", "units"), [(2, 1, 3), (2, 3, 3), (1, 1, 3), (2, 1, 30)])
def test_texts_keep_apart(axes: int, channels: int, units: int) -> None:
    check_layout(figure(make_tuning(axes, channels, units)))


def test_a_deeper_layer_has_no_kernels_drawn() -> None:
    picture = draw_tuning(make_tuning(layer="1"))
    assert not any(axes.images for axes in picture.axes)
    assert "fitted" not in " ".join(text.get_text() for text in find_texts(picture))
    check_layout(picture)


def test_kernels_and_fits_are_drawn_to_one_scale() -> None:
    tuning = make_tuning()
    images = [axes.images[0] for axes in draw_tuning(tuning).axes if axes.images]
    for number, unit in enumerate(tuning.units):
        assert unit.chroma is not None
        assert unit.gabor is not None
        kernel, fit = images[2 * number : 2 * number + 2]
        assert np.allclose(np.asarray(kernel.get_array()), unit.chroma.kernel)
        assert np.allclose(np.asarray(fit.get_array()), unit.gabor.values)
        assert kernel.get_clim() == fit.get_clim()


def test_of_many_units_the_best_fits_get_a_card() -> None:
    tuning = make_tuning(units=30)
    shown = choose_units(tuning)
    left = [unit for unit in tuning.units if unit not in shown]
    assert len(shown) == MOST
    assert [unit.index for unit in shown] == sorted(unit.index for unit in shown)
    worst = min(unit.gabor.adjusted for unit in shown if unit.gabor)
    assert all(unit.gabor is not None and unit.gabor.adjusted <= worst for unit in left)
    assert any(f"{MOST} of 30" in note for note in write_notes(tuning, MOST))


def test_histograms_count_every_unit() -> None:
    tuning = make_tuning(units=30)
    panels = {panel[0]: panel[2] for panel in list_panels(tuning)}
    axes = {each.get_title(loc="left"): each for each in draw_tuning(tuning).axes}
    for title, values in panels.items():
        heights = [bar.get_height() for bar in axes[title].containers[0]]
        assert sum(heights) == sum(math.isfinite(value) for value in values), title
    assert "Opponency" not in panels


def test_a_unit_is_told_by_angle_and_ratio() -> None:
    unit = make_tuning().units[0]
    assert unit.preference is not None
    assert describe_unit(unit) == f"{unit.preference.angle:.0f}°, {min(unit.answer.ratio, 99):.1f}"


def test_a_sound_s_frequencies_are_in_hertz() -> None:
    tuning = make_tuning(axes=1)
    plain, sound = list_panels(tuning)[0], list_panels(replace(tuning, rate=8000))[0]
    assert (plain[1], sound[1]) == ("cycles per cell", "hertz")
    assert sound[2] == pytest.approx([8000 * value for value in plain[2]])
    assert sound[3] == (0, 4000)
