"""The colours of maps, and what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from striate.explain.units.maps import LayerMaps
from striate.report.convolving.tones import write_value
from striate.report.heats.ramps import to_lab
from striate.report.units.mapscales import SIGNED, choose_scale, colour_values, describe_scale


def make(low: float, high: float) -> LayerMaps:
    return LayerMaps("conv1", "Conv2d", torch.zeros(1, 2, 2), (0,), 1, low, high)


def test_equal_sizes_are_equally_far_from_white() -> None:
    steps: Any = SIGNED(np.linspace(0, 1, 256))
    light = to_lab(steps[:, :3])[:, 0]
    assert np.abs(light - light[::-1]).max() < 2
    assert (np.diff(light[:128]) > 0).all()
    assert np.ptp(np.diff(light[:128])) < 0.2


def test_a_colour_is_the_ramps_at_the_values_share() -> None:
    layer = make(-1.0, 3.0)
    values = np.array([[-3.0, -1.0, 0.0, 2.0, 3.0]])
    ramp, _ = choose_scale(layer)
    for value, colour in zip(values[0], colour_values(layer, values)[0], strict=True):
        assert tuple(colour) == tuple(ramp((value + 3) / 6, bytes=True)[:3])


def test_maps_without_negative_values_go_from_black_up() -> None:
    for layer in (make(0.0, 2.0), make(0.0, 0.0)):
        dark, bright = colour_values(layer, np.array([[0.0, layer.high]]))[0]
        assert dark.sum() < 15
        assert bright.sum() > 600 or layer.high == 0


def test_the_words_name_the_largest_size() -> None:
    assert describe_scale(make(-2.5, 1.0)) == f"blue −{write_value(2.5)}, white 0, orange {write_value(2.5)}"
    assert describe_scale(make(0.0, 1.0)) == "black 0, pale yellow 1"
