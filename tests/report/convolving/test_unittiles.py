"""The tiles of a unit's drawing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from striate.explain.convolving.sums import Summed, sum_units
from striate.report.convolving.unittiles import choose_unit_tone, draw_map, name_channel, place_stencil, write_span
from striate.report.picture import Picture


def make(channels: int = 3) -> Summed:
    torch.manual_seed(0)
    return sum_units(nn.Sequential(nn.Conv2d(channels, 2, 3), nn.Conv2d(2, 3, 3)), "0", torch.randn(channels, 8, 9))


def test_one_scale_holds_the_parts_and_the_output() -> None:
    unit = make().units[0]
    tone = choose_unit_tone(unit)
    sizes = [abs(float(value)) for values in (unit.parts, unit.output) for value in values.flatten()]
    assert tone.low == -tone.high
    assert sum(size <= tone.high for size in sizes) >= 0.99 * len(sizes) - 1


def test_channels_go_by_colour_only_where_the_layer_sees_them() -> None:
    assert [name_channel(make(), channel) for channel in range(3)] == ["red", "green", "blue"]
    assert name_channel(make(2), 1) == "channel 1"


@pytest.mark.parametrize("shape", [(5, 7), (7, 5), (12,)])
def test_a_map_is_drawn_with_its_own_values(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).normal(size=shape)
    tone = choose_unit_tone(make().units[0])
    picture = Picture(4, 3)
    draw_map(picture, values, tone, (0.3, 0.3, 2.0, 2.0), write_span(values))
    (axes,) = picture.axes
    if len(shape) == 1:
        assert np.allclose(axes.lines[1].get_ydata(), values)
    else:
        assert (np.asarray(axes.get_images()[0].get_array()) == tone.to_bytes(values)).all()


def test_a_stencil_says_its_size() -> None:
    picture = Picture(4, 3)
    place_stencil(picture, np.array([[1.0, 2.0, 1.0]]) / 4, 1.0, (0.3, 0.3, 2.0, 2.0))
    assert any(text.get_text() == "kernel 1 × 3 ÷ 4" for text in picture.texts)
    assert write_span(np.zeros(0)) == "empty"
