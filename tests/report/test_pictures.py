from __future__ import annotations

import re

import numpy as np
import pytest

from striate.report.pictures import LONGEST, SMALL, draw_sample, draw_wave


def trace(drawing: str) -> np.ndarray:
    """Read a curve's points back."""
    return np.array(
        [[float(n) for n in step.split()] for step in re.split("[ML]", drawing.split(' d="')[1].split('"')[0])[1:]]
    )


@pytest.mark.parametrize("extents", [(1, 8, 8), (3, 8, 8), (2, 8, 8), (1, 1, 8, 8), (3, 2, 5, 1, 8, 8)])
def test_two_and_more_axes_are_a_picture(extents: tuple[int, ...]) -> None:
    picture = draw_sample(np.zeros(extents, np.uint8), 'a "name"')
    assert picture.startswith("<img")
    assert 'width="8" height="8" class="pixels"' in picture
    assert 'alt="a &#34;name&#34;"' in picture


@pytest.mark.parametrize(
    ("side", "shown", "square"), [(SMALL, SMALL, True), (SMALL + 1, SMALL + 1, False), (999, LONGEST, False)]
)
def test_large_pictures_are_shrunk_and_small_ones_stay_square(side: int, shown: int, square: bool) -> None:
    picture = draw_sample(np.zeros((1, side, side), np.uint8), "x")
    assert f'width="{shown}" height="{shown}"' in picture
    assert ('class="pixels"' in picture) is square


@pytest.mark.parametrize("kind", [np.uint8, np.int16])
def test_a_clip_is_a_strip_of_its_frames(kind: type) -> None:
    picture = draw_sample(np.zeros((1, 16, 30, 20), kind), "x")
    assert 'width="83" height="61" class="pixels"' in picture  # 4 x 2 of 16 frames, a cell between them
    assert 'width="512"' in draw_sample(np.zeros((3, 16, 200, 200), kind), "x")


def test_a_short_wave_goes_through_every_value() -> None:
    values = np.random.default_rng(0).integers(0, 256, (1, 50))
    points = trace(draw_sample(values, "x"))
    assert len(points) == 50
    assert np.corrcoef(points[:, 1], values[0])[0, 1] == pytest.approx(-1, abs=1e-4)  # upwards on paper is less in SVG


def test_a_long_wave_keeps_its_extremes() -> None:
    values = np.zeros((1, 5000))
    values[0, 1234], values[0, 4321] = 200, -300
    points = trace(draw_wave(values, "x"))
    assert len(points) < 400
    assert [points[points[:, 1].argmin(), 0], points[points[:, 1].argmax(), 0]] == pytest.approx(
        [1234 / 5000 * 160, 4321 / 5000 * 160], abs=1
    )


@pytest.mark.parametrize("shape", [(1, 1), (2, 30), (7,), (1, 0)])
def test_odd_shapes_are_drawn_without_a_warning(shape: tuple[int, ...]) -> None:
    assert "nan" not in draw_sample(np.zeros(shape, np.uint8), "x")


def test_zero_lies_in_the_middle_where_asked() -> None:
    drawing = draw_wave(np.array([[-1.0, 3.0]]), "x", zero=True)
    assert 'y1="48"' in drawing
    assert "rule" in drawing
