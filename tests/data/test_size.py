from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from striate.data.pool import Request
from striate.data.size import choose_extents, conform, find_window, fit_pixels
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


@given(sides, sides, st.integers(1, 300), st.integers(1, 300))
def test_the_window_lies_in_the_middle_and_touches_two_sides(height: int, width: int, high: int, wide: int) -> None:
    top, left, tall, broad = find_window((height, width), (high, wide))
    assert tall == height or broad == width
    assert 0 <= height - tall - 2 * top <= 1
    assert 0 <= width - broad - 2 * left <= 1
    assert abs(tall * wide - broad * high) <= max(high, wide) / 2 or 1 in (tall, broad)


def test_fit_cuts_out_the_centre() -> None:
    wide = np.zeros((1, 3, 10, 30), np.uint8)
    wide[:, :, :, 10:20] = np.array([9, 90, 200])[:, None, None]
    assert (fit_pixels(wide, (10, 10)) == wide[:, :, :, 10:20]).all()
    assert (fit_pixels(wide, (7, 7)) == np.array([9, 90, 200])[:, None, None]).all()


def test_fit_averages_where_it_scales_down() -> None:
    board = np.indices((64, 64)).sum(0) % 2 * 255
    assert (abs(fit_pixels(board.astype(np.uint8)[None, None], (8, 8)).astype(int) - 127) <= 2).all()


@pytest.mark.parametrize(("shape", "extents"), [((50, 70), (32, 32)), ((20, 20), (33, 33)), ((90, 31), (40, 20))])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_fit_is_what_pillow_makes_of_the_window(
    shape: tuple[int, int], extents: tuple[int, int], channels: int
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, *shape, channels), np.uint8)
    fitted = fit_pixels(np.moveaxis(pixels, 3, 1), extents)
    top, left, height, width = find_window(shape, extents)
    for sample, ours in zip(pixels, fitted, strict=True):
        for channel in range(channels):
            cut = Image.fromarray(sample[top : top + height, left : left + width, channel])
            slow = np.asarray(cut.resize(extents[::-1], Image.Resampling.BICUBIC))
            assert abs(slow.astype(int) - ours[channel]).max() <= 1


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
    assert (shaped[1, 0] == fit_pixels(inputs[1:], (6, 6))[0, 0]).all()


@pytest.mark.parametrize(
    ("shape", "request_"), [((2, 4, 8, 8), Request(channels=3)), ((2, 1, 8), Request(extents=(9,)))]
)
def test_what_can_not_conform(shape: tuple[int, ...], request_: Request) -> None:
    with pytest.raises(DataError, match="needed"):
        conform(np.zeros(shape, np.uint8), request_, "x")
