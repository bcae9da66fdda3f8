from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.report.test_costs import check_layout, find_texts

from striate.explain.ascent.visualisation import Visualisation
from striate.report.figures import figure, save_figure
from striate.report.units.visualisations import choose_columns, cut_frames, draw_visualisation

SHAPES = {
    "grey": (10, 1, 8, 8),
    "colour": (16, 3, 8, 8),
    "channels": (3, 7, 8, 8),
    "one": (1, 3, 8, 8),
    "many": (36, 1, 4, 4),
    "tall": (5, 1, 40, 6),
    "wide": (5, 1, 6, 90),
    "needle": (2, 1, 2, 900),
    "series": (3, 1, 500),
    "long series": (2, 2, 9000),
    "clip": (3, 3, 16, 8, 8),
    "short clip": (2, 1, 3, 6, 6),
    "four axes": (2, 1, 3, 5, 6, 6),
}


def make(shape: tuple[int, ...], *, sources: bool = False, **about: Any) -> Visualisation:
    generator = torch.Generator().manual_seed(0)
    images, count = torch.rand(shape, generator=generator), shape[0]
    texts = tuple(f"layer3.0.conv2:{n}" for n in range(count))
    given: dict[str, Any] = {
        "title": "What units of layer3.0.conv2 like",
        "images": images,
        "inputs": images,
        "labels": tuple(f"unit {n}" for n in range(count)),
        "captions": tuple(f"0.00{n} to {n}.5" for n in range(count)),
        "objective": texts,
        "started": (0.0,) * count,
        "reached": (1.0,) * count,
        "history": torch.zeros(count, 33),
        "sources": torch.rand(shape, generator=generator) if sources else None,
    }
    return Visualisation(**(given | about))


@pytest.mark.parametrize("case", SHAPES)
@pytest.mark.parametrize("sources", [False, True])
def test_whatever_was_made_can_be_read(case: str, sources: bool) -> None:
    made = make(SHAPES[case], sources=sources)
    picture = draw_visualisation(made)
    check_layout(picture)
    assert picture.width == 8.6
    assert 1.2 < picture.height < 30
    texts = {text.get_text() for text in find_texts(picture)}
    assert {made.title, *made.labels} <= texts
    assert "Made by 32 steps up the gradient, out of noise; " in " ".join(texts)


def test_pictures_are_the_values_row_by_row() -> None:
    made = make((12, 3, 5, 4))
    axes = draw_visualisation(made).axes
    assert len(axes) == 12
    for place, each in enumerate(axes):
        (image,) = each.images
        np.testing.assert_allclose(np.asarray(image.get_array()), made.images[place].permute(1, 2, 0).numpy())
        box, across = each.get_position(), choose_columns(12, 1)
        left, top = axes[0].get_position().x0, axes[0].get_position().y1
        assert (box.x0 > left + 1e-6) == (place % across > 0)
        assert (box.y1 < top - 1e-6) == (place // across > 0)


def test_grey_is_drawn_from_0_to_1() -> None:
    (image,) = draw_visualisation(make((1, 1, 4, 4))).axes[0].images
    assert image.get_clim() == (0, 1)


def test_a_caricature_stands_on_the_right_of_its_source() -> None:
    made = make((2, 1, 6, 6), sources=True)
    assert made.sources is not None
    axes = draw_visualisation(made).axes
    for place in range(2):
        source, image = axes[2 * place : 2 * place + 2]
        assert source.get_position().x1 <= image.get_position().x0
        np.testing.assert_allclose(np.asarray(source.images[0].get_array()), made.sources[place, 0].numpy())
        np.testing.assert_allclose(np.asarray(image.images[0].get_array()), made.images[place, 0].numpy())


def test_frames_are_taken_evenly_from_first_to_last() -> None:
    frames = cut_frames(np.arange(15, dtype=np.float64).reshape(1, 15, 1, 1))
    assert [frame.item() for frame in frames] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert [frame.item() for frame in cut_frames(np.arange(3.0).reshape(1, 3, 1, 1))] == [0, 1, 2]


def test_a_series_is_a_curve_over_seconds_and_its_spectrum() -> None:
    time = np.arange(400) / 200
    tone = torch.from_numpy(0.5 + 0.3 * np.sin(2 * np.pi * 40 * time))[None, None].float()
    made = make((1, 1, 400), images=tone, rate=200)
    curve, spectrum = draw_visualisation(made).axes
    (line,) = curve.lines
    assert np.asarray(line.get_xdata())[[0, -1]].tolist() == pytest.approx([0, 1.995])
    np.testing.assert_allclose(np.asarray(line.get_ydata()), tone[0, 0].numpy())
    assert spectrum.get_xlim() == (0, 100)
    corners = np.asarray(spectrum.collections[0].get_paths()[0].vertices)
    assert corners[corners[:, 1].argmax()].tolist() == pytest.approx([40, 0.3], rel=1e-3)


def test_notes_and_hostile_names_are_written_as_they_are() -> None:
    made = make(
        (2, 7, 4, 4), labels=("a$\\frac{b}$ & <i>", "x" * 300), notes=("nothing raised unit 3",), title="t" * 300
    )
    picture = draw_visualisation(made)
    check_layout(picture)
    texts = [text.get_text() for text in find_texts(picture)]
    assert "a$\\frac{b}$ & <i>" in texts
    assert {"nothing raised unit 3", "Shown is the mean of 7 channels."} <= set(texts)


@pytest.mark.parametrize("count", [1, 2, 5, 10, 11, 16, 40, 100])
def test_columns_fill_their_rows(count: int) -> None:
    columns = choose_columns(count, 1)
    assert 1 <= columns <= min(count, 10)
    assert ceil(count / columns) <= max(1, count / 5 + 1)


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_it_is_a_result_like_any_other(form: str, tmp_path: Path) -> None:
    made = make((2, 1, 4, 4))
    assert figure(made).width == 8.6
    first, second = (save_figure(made, tmp_path / f"{name}.{form}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
