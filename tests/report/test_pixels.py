from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from striate.report.pixels import encode_png, merge_channels, shrink, take_middle


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
def test_a_picture_comes_back_pixel_for_pixel(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    head, data = encode_png(pixels).split(",")
    assert head == "data:image/png;base64"
    assert (np.asarray(Image.open(BytesIO(b64decode(data)))) == pixels).all()


def test_the_middle_is_halfway_along_every_axis_but_the_last() -> None:
    array = np.random.default_rng(0).normal(size=(2, 3, 4, 5, 6))
    assert (take_middle(array, 2) == array[:, 1, 2]).all()
    assert take_middle(array, 4) is array


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_channels_are_colours_or_their_mean(channels: int) -> None:
    array = np.random.default_rng(0).normal(size=(channels, 4, 6))
    shown = merge_channels(array)
    for row in range(4):
        for column in range(6):
            cell = array[:, row, column].tolist()
            assert shown[row, column] == pytest.approx(cell if channels == 3 else sum(cell) / channels)


def test_shrinking_keeps_the_mean_and_the_proportions() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 80)).astype(np.uint8)
    small = shrink(pixels, 20)
    blocks = [[pixels[r : r + 4, c : c + 4].mean() for c in range(0, 80, 4)] for r in range(0, 40, 4)]
    np.testing.assert_allclose(small, blocks, atol=1)
    assert shrink(pixels, 80) is pixels
    assert shrink(pixels[:1], 20).shape == (1, 20)
