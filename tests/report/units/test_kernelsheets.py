from __future__ import annotations

from typing import Any

import matplotlib.image
import numpy as np
import pytest
import torch
from tests.report.test_costs import check_layout, find_texts
from torch import nn

from striate.explain.look import Look
from striate.explain.units.kernels import view_kernels
from striate.report.figures import figure

NETS: dict[str, tuple[nn.Sequential, tuple[int, ...], int | None]] = {
    "picture": (nn.Sequential(nn.Conv2d(3, 20, 7, 2), nn.Conv2d(20, 70, 3), nn.Conv2d(70, 300, 1)), (3, 64, 64), None),
    "odd": (
        nn.Sequential(nn.Conv2d(1, 4, (1, 9)), nn.ConvTranspose2d(4, 2, (9, 1)), nn.Conv2d(2, 1, 1)),
        (1, 9, 40),
        None,
    ),
    "sound": (nn.Sequential(nn.Conv1d(1, 20, 65), nn.Conv1d(20, 3, 2), nn.Conv1d(3, 4, 1)), (1, 900), 16000),
    "volume": (nn.Sequential(nn.Conv3d(3, 9, 3), nn.Conv3d(9, 2, (9, 2, 2))), (3, 11, 5, 5), None),
}


@pytest.mark.parametrize("name", NETS)
def test_every_sheet_can_be_read(name: str) -> None:
    module, shape, rate = NETS[name]
    picture: Any = figure(view_kernels(Look(module, shape, "net " * 30, rate=rate)))
    check_layout(picture)
    assert picture.width == 8.6


def test_pixels_are_the_weights_by_the_layers_scale() -> None:
    torch.manual_seed(0)
    module: Any = nn.Sequential(nn.Conv2d(1, 3, 4))
    picture = figure(view_kernels(Look(module, (1, 9, 9), "net")))
    weight: Any = module[0].weight.detach().double()
    images: Any = [image for axes in picture.axes for image in axes.get_images()]
    assert all(isinstance(image, matplotlib.image.AxesImage) for image in images)
    for unit, image in enumerate(images):
        expected = 0.5 + 0.5 * weight[unit, 0].numpy() / float(weight.abs().max())
        assert np.allclose(image.get_array(), expected)
    assert any(f"{float(weight.abs().max()):.3g}" in text.get_text() for text in find_texts(picture))


def test_a_network_of_zeros_is_drawn() -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv1d(1, 1, 3))
    for parameter in module.parameters():
        parameter.data.zero_()
    check_layout(figure(view_kernels(Look(module[:1], (1, 9, 9)))))
    check_layout(figure(view_kernels(Look(module[1:], (1, 9)))))
