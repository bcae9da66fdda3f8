from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from striate.data.pool import Request
from striate.data.size import choose_extents, conform, fit_image
from striate.errors import DataError

sides = st.integers(1, 3000)


@given(sides, sides)
def test_equal_sizes_keep_their_shape_up_to_224(height: int, width: int) -> None:
    chosen = choose_extents([(height, width)] * 3)
    if max(height, width) <= 224:
        assert chosen == (height, width)
    else:
        assert max(chosen) == 224
        assert abs(chosen[0] * width - chosen[1] * height) <= max(height, width) / 2 + 224 or min(chosen) == 1


@given(st.lists(st.tuples(sides, sides), min_size=2, unique=True))
def test_differing_sizes_give_a_square_of_a_handy_side(sizes: list[tuple[int, int]]) -> None:
    height, width = choose_extents(sizes)
    assert height == width
    assert 16 <= height <= 224
    assert height < 32 or height % 16 == 0
    shorter = sorted(min(size) for size in sizes)
    low, high = shorter[(len(shorter) - 1) // 2], shorter[len(shorter) // 2]
    assert min(low - 8, 224) <= height <= max(high + 8, 16)


def test_fit_cuts_out_the_centre() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = (9, 90, 200)
    fitted = np.asarray(fit_image(Image.fromarray(wide), (10, 10)))
    assert (fitted == (9, 90, 200)).all()


def test_fit_averages_where_it_scales_down() -> None:
    board = np.indices((64, 64)).sum(0) % 2 * 255
    fitted = np.asarray(fit_image(Image.fromarray(board.astype(np.uint8)), (8, 8)))
    assert (abs(fitted.astype(int) - 127) <= 2).all()


def test_conform_leaves_what_fits() -> None:
    inputs = np.zeros((2, 3, 8, 8), np.uint8)
    assert conform(inputs, Request((8, 8), 3), "x") is inputs
    assert conform(inputs, Request(), "x") is inputs


def test_colour_becomes_the_grey_that_pillow_makes() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (4, 3, 9, 8), np.uint8)
    grey = conform(inputs, Request(channels=1), "x")
    for sample, one in zip(inputs, grey, strict=True):
        assert (np.asarray(Image.fromarray(np.moveaxis(sample, 0, 2)).convert("L")) == one[0]).all()


def test_grey_repeats_and_extents_follow_the_images_rule() -> None:
    inputs = np.random.default_rng(0).integers(0, 256, (2, 1, 9, 12), np.uint8)
    shaped = conform(inputs, Request((6, 6), 3), "x")
    assert shaped.shape == (2, 3, 6, 6)
    assert (shaped[:, 0] == shaped[:, 2]).all()
    assert (shaped[1, 0] == np.asarray(fit_image(Image.fromarray(inputs[1, 0]), (6, 6)))).all()


@pytest.mark.parametrize(
    ("shape", "request_"), [((2, 4, 8, 8), Request(channels=3)), ((2, 1, 8), Request(extents=(9,)))]
)
def test_what_can_not_conform(shape: tuple[int, ...], request_: Request) -> None:
    with pytest.raises(DataError, match="needed"):
        conform(np.zeros(shape, np.uint8), request_, "x")
