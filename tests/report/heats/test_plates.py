from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from tests.report.heats.made import make_heat

from striate.report.heats.exposures import expose
from striate.report.heats.overlays import paint_band
from striate.report.heats.plates import NIGHT, place_bar, place_curve, place_pixels, place_spectrogram, tick_along
from striate.report.picture import Picture

BOX = (0.5, 1.0, 3.0, 1.5)


def test_a_box_is_measured_from_the_upper_left() -> None:
    axes = place_pixels(Picture(5, 4), BOX, np.zeros((2, 3, 3)))
    place = axes.get_position()
    assert (place.x0, place.y1, place.width, place.height) == pytest.approx((0.1, 0.75, 0.6, 0.375))
    (image,) = axes.images
    assert tuple(image.get_extent()) == (0, 3, 2, 0)


def test_lanes_lie_below_each_other_over_their_heat() -> None:
    shown = expose(make_heat(1, (60,), 3), 0)
    axes = place_curve(Picture(5, 4), BOX, shown)
    assert len(axes.collections) == 3
    middles = [
        float(np.mean([np.asarray(part.vertices)[:, 1].mean() for part in lane.get_paths()]))
        for lane in axes.collections
    ]
    assert np.allclose(middles, [0.9 * lane.mean() - 2 * n for n, lane in enumerate(shown.grounds[0])], atol=0.05)
    (band,) = axes.images
    assert np.array_equal(np.asarray(band.get_array()), paint_band(shown.heats[0], signed=False))
    assert to_rgb(axes.get_facecolor()) == to_rgb(NIGHT)


def test_only_sounds_that_are_long_enough_have_a_spectrogram() -> None:
    picture = Picture(5, 4)
    assert place_spectrogram(picture, BOX, expose(make_heat(1, (4000,)), 0)) is None
    assert place_spectrogram(picture, BOX, expose(make_heat(1, (40,), rate=8000), 0)) is None
    axes = place_spectrogram(picture, BOX, expose(make_heat(1, (4000,), rate=8000), 0))
    assert axes is not None
    (image,) = axes.images
    assert tuple(image.get_extent()) == (0, 4000, 0, 4)
    assert image.origin == "lower"


def test_cells_are_counted_where_the_rate_is_not_known() -> None:
    axes = place_curve(Picture(5, 4), BOX, shown := expose(make_heat(1, (120,)), 0))
    tick_along(axes, shown)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "20", "40", "60", "80", "100"]


def test_numbers_that_are_next_to_nothing_are_nought() -> None:
    shown = expose(make_heat(1, (9, 9)), 0)
    assert 0 < shown.low < 1e-3 * shown.high
    axes = place_bar(Picture(5, 4), BOX, shown)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", f"{shown.high:.3g}"]
