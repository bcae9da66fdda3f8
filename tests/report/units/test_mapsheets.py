from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.report.test_costs import check_layout, find_texts
from torch import nn

from striate.explain.look import Look
from striate.explain.units.maps import Maps, view_maps
from striate.report.figures import figure
from striate.report.heats.ramps import to_lab
from striate.report.units.mapscales import choose_scale, colour_values
from striate.report.units.mapsheets import restore_input


def make(shape: tuple[int, ...], **about: Any) -> Maps:
    torch.manual_seed(0)
    conv: Any = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(shape) - 2]
    module: Any = nn.Sequential(conv(shape[0], 20, 3), nn.ReLU(inplace=True), conv(20, 3, 3), nn.Sigmoid())
    module[0].weight.data[:2], module[0].bias.data[:2] = 0, -1
    inputs = torch.randn(1, *shape)
    return view_maps(Look(module, shape, "net", inputs=inputs, names=("folder/in.png",), **about))


@pytest.mark.parametrize("shape", [(3, 20, 30), (1, 60, 8), (1, 6, 9, 12), (1, 900), (2, 40_000), (1, 6)])
def test_every_sheet_can_be_read(shape: tuple[int, ...]) -> None:
    picture: Any = figure(make(shape, rate=8000 if len(shape) == 2 else None))
    check_layout(picture)
    assert picture.width == 8.6
    assert picture.height < 25


def test_dead_maps_are_marked() -> None:
    found = make((3, 12, 12), options={"most": 99})
    picture = figure(found)
    texts = [text.get_text() for text in find_texts(picture)]
    assert {0, 1} <= set(found.layers[1].dead)
    assert {"0 flat", "1 flat", "0 dead", "1 dead"} <= set(texts)
    assert f"{len(found.layers[1].dead)} dead (0 everywhere)" in " ".join(texts)


def test_the_scale_holds_the_layers_values() -> None:
    signed, plain = make((3, 12, 12)).layers[:2]
    for layer in (signed, plain):
        _, scale = choose_scale(layer)
        assert scale.vmin is not None
        assert scale.vmax is not None
        assert scale.vmin <= layer.low
        assert scale.vmax >= layer.high
    assert (colour_values(signed, np.zeros((1, 1))) > 245).all()
    most = max(-signed.low, signed.high)
    low, high = (to_lab(colour_values(signed, np.array([value]))[0] / 255) for value in (-most, most))
    assert abs(low[0] - high[0]) < 2


def test_the_input_is_shown_before_its_normalisation() -> None:
    found = make((3, 12, 12), mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    restored = restore_input(found)
    for channel in range(3):
        expected = found.input[channel].numpy() * (0.5, 0.6, 0.7)[channel] + (0.1, 0.2, 0.3)[channel]
        assert np.allclose(restored[channel], expected, atol=1e-6)
