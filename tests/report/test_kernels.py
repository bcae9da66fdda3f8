from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from striate.report.kernels import MOST, describe_kernels, draw_kernels


def read_tiles(drawing: str) -> list[np.ndarray]:
    sources = drawing.split('src="data:image/png;base64,')[1:]
    return [np.asarray(Image.open(BytesIO(b64decode(source.split('"')[0])))) for source in sources]


@pytest.mark.parametrize("channels", [1, 3, 6])
def test_tiles_show_the_weights(channels: int) -> None:
    weight = np.random.default_rng(0).normal(size=(5, channels, 3, 4))
    tiles = read_tiles(draw_kernels(weight))
    assert len(tiles) == 5
    for tile, kernel in zip(tiles, weight, strict=True):
        shown = kernel.transpose(1, 2, 0) if channels == 3 else kernel.mean(0)
        read = tile.astype(float) / 127.5 - 1
        assert np.abs(read - shown / np.abs(shown).max()).max() < 1 / 200


def test_three_axes_show_their_middle() -> None:
    weight = np.zeros((1, 1, 3, 2, 2))
    weight[0, 0, 1] = [[1, -1], [0, 1]]
    assert read_tiles(draw_kernels(weight))[0].tolist() == [[255, 0], [128, 255]]


def test_one_axis_is_a_curve_a_channel() -> None:
    assert draw_kernels(np.ones((4, 2, 9))).count("<path") == 8
    assert draw_kernels(np.ones((4, 16, 9))).count("<path") == 4


def test_dead_and_broken_kernels_are_drawn() -> None:
    assert (read_tiles(draw_kernels(np.zeros((1, 1, 2, 2))))[0] == 128).all()
    assert read_tiles(draw_kernels(np.full((1, 1, 2, 2), np.nan)))


def test_many_kernels_are_cut_and_said_to_be() -> None:
    weight = np.ones((MOST + 1, 1, 2, 2))
    assert len(read_tiles(draw_kernels(weight))) == MOST
    assert describe_kernels(weight).startswith(f"The first {MOST} of {MOST + 1}")
