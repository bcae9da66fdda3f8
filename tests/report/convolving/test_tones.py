"""Which value is black and which is white, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from striate.report.convolving.tones import LARGEST, Tone, choose_tone, make_pixels, write_value


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape)


def test_a_signed_scale_holds_all_but_the_hundredth_largest() -> None:
    values = draw(1000)
    tone = choose_tone(values, signed=True)
    assert tone.low == -tone.high
    beyond = sum(abs(value) > tone.high for value in values)
    assert beyond == 10
    assert tone.beyond == beyond / 1000
    assert tone.said == f"{write_value(tone.low)} to {write_value(tone.high)}, grey 0; 1 % beyond"


def test_a_plain_scale_counts_what_lies_outside() -> None:
    tone = choose_tone(np.array([-1.0, 0.0, 0.5, 1.0, 1.5]), (0.0, 1.0), signed=False)
    assert (tone.low, tone.high, tone.beyond) == (0, 1, 2 / 5)


def test_without_a_plain_scale_it_goes_from_the_least_to_the_most() -> None:
    values = draw(50)
    tone = choose_tone(values, signed=False)
    assert tone.to_bytes(values).min() == 0
    assert tone.to_bytes(values).max() == 255
    assert not tone.beyond


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros(3), np.full(3, 2.0)])
@pytest.mark.parametrize("signed", [True, False])
def test_nothing_and_one_value_have_a_scale_too(values: np.ndarray, signed: bool) -> None:
    assert np.isfinite(choose_tone(values, signed=signed).to_bytes(values)).all()


def test_bytes_are_shares_of_the_scale_one_by_one() -> None:
    values, tone = draw(40), Tone(-1.0, 0.5)
    expected = [round(255 * min(max((value + 1) / 1.5, 0), 1)) for value in values]
    assert tone.to_bytes(values).tolist() == expected


@pytest.mark.parametrize(("channels", "shape"), [(1, (4, 5)), (2, (4, 5)), (3, (4, 5, 3)), (7, (4, 5))])
def test_three_channels_are_colours_and_others_a_mean(channels: int, shape: tuple[int, ...]) -> None:
    values, tone = draw(channels, 4, 5), Tone(-2.0, 2.0)
    pixels = make_pixels(values, tone)
    assert pixels.shape == shape
    for row in range(4):
        for column in range(5):
            cell = values[:, row, column]
            expected = tone.to_bytes(cell if channels == 3 else np.array(sum(cell) / channels))
            assert (pixels[row, column] == expected).all()


def test_of_more_axes_the_middle_is_shown_and_a_large_picture_is_shrunk() -> None:
    values, tone = draw(1, 3, 5, 6, 7), Tone(-2.0, 2.0)
    assert (make_pixels(values, tone) == tone.to_bytes(values[0, 1, 2])).all()
    assert make_pixels(draw(1, 10, 2 * LARGEST), tone).shape == (5, LARGEST)
