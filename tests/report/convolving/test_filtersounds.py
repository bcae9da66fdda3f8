"""A filtered sound's curves, against its own values."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from tests.report.convolving.test_filters import make
from tests.report.test_costs import check_layout

from striate.report.convolving.filtersounds import draw_filtered_sound, write_frequency


@pytest.mark.parametrize("rate", [None, 1000, 8000])
def test_the_response_is_the_kernels_sum_of_waves(rate: int | None) -> None:
    found = make((1, 400), ("blur",), rate)
    picture = draw_filtered_sound(found)
    check_layout(picture)
    (axes,) = [axes for axes in picture.axes if axes.get_title(loc="left").startswith("lets through")]
    curve = max(axes.lines, key=lambda line: len(np.asarray(line.get_xdata())))
    taps = found.applied[0].kernel.values.tolist()
    for frequency, gain in list(zip(*np.asarray(curve.get_xydata()).T, strict=True))[::50]:
        turn = 2 * math.pi * float(frequency) / (rate or 1)
        assert gain == pytest.approx(
            abs(sum(tap * cmath.exp(-1j * turn * at) for at, tap in enumerate(taps))), abs=1e-6
        )


def test_the_waves_are_the_samples() -> None:
    found = make((1, 50), ("edge",), 100)
    axes = {one.get_title(loc="left"): one for one in draw_filtered_sound(found).axes}
    for name, values in (("before", found.before), ("after", found.applied[0].after)):
        wave = axes[name].lines[1]
        assert np.allclose(wave.get_ydata(), values[0].numpy())
        assert np.allclose(wave.get_xdata(), np.arange(50) / 100)


def test_frequencies_are_in_kilohertz_where_there_are_thousands() -> None:
    assert [write_frequency(500, rate) for rate in (None, 1000, 8000)] == ["500", "500", "0.5"]
