"""Strips of a series: cut and reduced as loops do it."""

from __future__ import annotations

import itertools

import matplotlib.figure
import numpy as np
import pytest
import torch
from tests.report.test_costs import check_layout, find_texts
from tests.report.units.test_mapsheets import make

from striate.explain.units.maps import LayerMaps
from striate.report.units.mapstrips import Span, describe_strip, draw_strips, reduce_strip, show_strip


@pytest.mark.parametrize("lines", [1, 2, 3, 6])
@pytest.mark.parametrize("cells", [6, 17, 100])
def test_spans_cut_every_cell_once(lines: int, cells: int) -> None:
    values = np.arange(2 * cells).reshape(2, cells)
    parts = [Span(one / lines, (one + 1) / lines).cut(values) for one in range(lines)]
    assert np.concatenate(parts, axis=1).tolist() == values.tolist()


def test_a_short_layer_gives_every_line_a_cell() -> None:
    values = np.arange(2)[None]
    assert [Span(one / 6, (one + 1) / 6).cut(values).shape[1] for one in range(6)] == [1] * 6


@pytest.mark.parametrize("most", [1, 7, 50, 99, 200])
def test_a_column_is_the_value_farthest_from_nothing(most: int) -> None:
    values = np.random.default_rng(0).normal(size=(3, 100))
    found = reduce_strip(values, most)
    columns = min(most, 100)
    edges = [int(one * 100 / columns) for one in range(columns + 1)]
    expected = [[max(row[first:stop], key=abs) for first, stop in itertools.pairwise(edges)] for row in values]
    assert found.tolist() == expected


def test_a_strip_shows_the_values_of_its_span() -> None:
    values = torch.arange(12.0).reshape(2, 6)
    axes = matplotlib.figure.Figure().add_subplot()
    show_strip(axes, LayerMaps("a", "Conv1d", values, (0, 1), 2, 0.0, 11.0), Span(0.5, 1.0))
    (image,) = axes.get_images()
    assert np.asarray(image.get_array()).tolist() == values[:, 3:].tolist()


def test_the_lines_name_layers_dead_maps_and_seconds() -> None:
    found = make((1, 40_000), rate=8000)
    picture = draw_strips(found)
    check_layout(picture)
    texts = [text.get_text() for text in find_texts(picture)]
    assert texts.count("input") == 3
    assert {"0 s", "1.67 s", "5 s"} <= set(texts)
    line = describe_strip(found.layers[1])
    assert "dead (0 everywhere): 0, 1" in line
    assert f"{found.layers[1].count} maps of {found.layers[1].values.shape[1]:,} cells" in line
