"""Long series as envelopes, against loops."""

from __future__ import annotations

import itertools

import matplotlib.figure
import numpy as np
import pytest

from striate.report.convolving.waves import MOST_LINES, draw_waves, trace_envelope


@pytest.mark.parametrize("length", [11, 40, 97, 1000])
def test_an_envelope_is_the_least_and_the_most_under_each_point(length: int) -> None:
    values = np.random.default_rng(0).normal(size=length)
    places, lows, highs = trace_envelope(values, 10)
    edges = [int(point * length / 10) for point in range(11)]
    for point, (first, stop) in enumerate(itertools.pairwise(edges)):
        assert lows[point] == min(values[first:stop])
        assert highs[point] == max(values[first:stop])
        assert places[point] == sum(range(first, stop)) / (stop - first)
    assert lows.min() == values.min()
    assert highs.max() == values.max()


def test_a_short_series_is_itself() -> None:
    values = np.arange(5.0) ** 2
    places, lows, highs = trace_envelope(values, 5)
    assert places.tolist() == [0, 1, 2, 3, 4]
    assert lows is values
    assert highs is values


@pytest.mark.parametrize(("channels", "samples"), [(1, 30), (2, 5000), (9, 30)])
def test_the_first_channels_are_drawn_over_seconds(channels: int, samples: int) -> None:
    axes = matplotlib.figure.Figure().add_subplot()
    values = np.random.default_rng(0).normal(size=(channels, samples))
    draw_waves(axes, values, 100, "black")
    drawn = [*axes.lines, *axes.collections]
    assert len(drawn) == min(channels, MOST_LINES)
    assert bool(axes.lines) == (samples <= 1200)
    for line, channel in zip(axes.lines, values, strict=False):
        assert np.allclose(line.get_xydata(), [(place / 100, value) for place, value in enumerate(channel)])
    for patch, channel in zip(axes.collections, values, strict=False):
        heights = np.asarray(patch.get_paths()[0].vertices)[:, 1]
        assert (heights.min(), heights.max()) == (channel.min(), channel.max())
