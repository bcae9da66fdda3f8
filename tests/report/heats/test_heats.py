from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.report.heats.made import make_heat, make_spot, make_trust
from tests.report.test_costs import check_layout, find_texts

from striate.explain.heat import Heat
from striate.report.figures import figure, save_figure
from striate.report.heats.exposures import expose
from striate.report.heats.heats import draw_heats
from striate.report.heats.overlays import paint_heat, paint_input

CASES: dict[str, Heat] = {
    "grey": make_heat(1, (24, 30), trust=make_trust()),
    "colour": make_heat(2, (24, 30), 3, mean=(0.5,), std=(0.25,), notes=("a note " * 40,)),
    "signed": make_heat(1, (8, 8), signed=True, trust=make_trust(good=False)),
    "seven channels": make_heat(1, (60, 40), 7),
    "tall": make_heat(1, (300, 9)),
    "needle": make_heat(1, (4, 900), signed=True),
    "one cell": make_heat(1, (1, 1)),
    "curve": make_heat(1, (120,), signed=True),
    "curves": make_heat(2, (120,), 3),
    "long": make_heat(1, (9000,), 7),
    "one moment": make_heat(1, (1,)),
    "sound": make_heat(1, (16000,), rate=8000),
    "short sound": make_heat(1, (200,), rate=8000, signed=True),
    "volume": make_heat(1, (12, 20, 30), 3),
    "thin volume": make_heat(1, (2, 20, 30), signed=True),
    "four axes": make_heat(1, (3, 4, 12, 14)),
    "five axes": make_heat(1, (3, 2, 3, 6, 7), 2),
    "bare": Heat(torch.zeros(1, 9, 9), "another", (0,)),
    "names": make_heat(1, (9, 9), names=("long" * 90 + " $x_1$ <b>.png",), classes=("name " * 60,) * 3),
}


@pytest.mark.parametrize("case", CASES)
def test_whatever_was_explained_can_be_read(case: str) -> None:
    picture = draw_heats(CASES[case])
    check_layout(picture)
    assert picture.width == 8.6
    assert 1.5 < picture.height < 11


def list_texts(heat: Heat) -> list[str]:
    return [text.get_text() for text in find_texts(draw_heats(heat))]


def read_pixels(axes: Any) -> Any:
    (image,) = axes.images
    return np.asarray(image.get_array())


def test_the_input_is_on_the_left_and_its_heat_on_the_right() -> None:
    heat = CASES["colour"]
    axes = draw_heats(heat).axes
    assert len(axes) == 6  # an input, an overlay and a bar each
    for index in range(2):
        shown = expose(heat, index)
        left, right, _ = axes[3 * index : 3 * index + 3]
        assert np.array_equal(read_pixels(left), paint_input(shown, 0))
        assert np.array_equal(read_pixels(right), np.clip(paint_heat(shown, 0), 0, 1))
        assert left.get_position().x1 < right.get_position().x0


def test_the_class_the_score_the_method_and_the_layer_are_said() -> None:
    texts = list_texts(make_heat(1, (9, 9), method="gradcam"))
    assert "Where the answer comes from: Grad-CAM" in texts
    assert "read at the layer layer4.1" in texts
    assert "one 0.png: coal, score 9.31" in texts
    assert "read at the layer 2, unit 7" in list_texts(make_heat(1, (9, 9), unit=7, layer="2"))


def test_trust_and_notes_stand_beside_the_picture() -> None:
    heat = make_heat(1, (9, 9), trust=make_trust(), notes=("switches came from the pools",))
    assert heat.trust is not None
    said = " ".join(list_texts(heat))
    for line in heat.trust.lines():
        assert line in said
    assert "switches came from the pools" in said
    assert "deletion" not in " ".join(list_texts(make_heat(1, (9, 9))))


def test_how_to_read_the_colours_is_said() -> None:
    assert "The lighter, the hotter. Each map has a scale of its own." in list_texts(CASES["grey"])
    assert any(text.startswith("Orange speaks for the class, blue against it.") for text in list_texts(CASES["signed"]))


def test_the_bar_says_the_heats_own_numbers() -> None:
    values = 5 * make_spot((9, 9), (4, 4), 2) - 8 * make_spot((9, 9), (0, 8), 2)
    heat = make_heat(1, (9, 9), values=torch.from_numpy(values)[None], signed=True)
    bar = draw_heats(heat).axes[2]
    largest = float(np.abs(values).max())
    assert np.allclose(bar.get_yticks(), [-largest, 0, largest])
    assert bar.get_ylim() == pytest.approx((-largest, largest))


def test_a_sound_has_its_seconds_and_its_frequencies() -> None:
    wave, spectrum, _ = draw_heats(CASES["sound"]).axes
    assert [label.get_text() for label in spectrum.get_xticklabels()] == ["0 s", "0.4 s", "0.8 s", "1.2 s", "1.6 s"]
    assert [label.get_text() for label in spectrum.get_yticklabels()] == ["1 kHz", "2 kHz", "3 kHz"]
    assert np.allclose(spectrum.get_xticks(), (0, 3200, 6400, 9600, 12800))
    assert wave.get_xlim() == spectrum.get_xlim() == (0, 16000)
    assert len(draw_heats(CASES["short sound"]).axes) == 2  # too short for a spectrogram


def test_a_curve_is_coloured_where_it_is_hot() -> None:
    values = np.zeros((1, 100))
    values[0, 40:50] = 1
    axes = draw_heats(make_heat(1, (100,), values=torch.from_numpy(values))).axes[0]
    (strokes,) = axes.collections
    colours: Any = strokes.get_colors()  # type: ignore[attr-defined]
    light = np.asarray(colours)[:, :3].mean(axis=1)
    assert len(light) == 99
    assert light[40:50].min() > light[:40].max()
    assert light[40:50].min() > light[50:].max()


def test_a_volume_is_a_row_of_slices_around_the_hottest() -> None:
    values = torch.from_numpy(make_spot((12, 20, 30), (7, 5, 5), 2))[None]
    heat = make_heat(1, (12, 20, 30), values=values)
    texts = list_texts(heat)
    assert {f"slice {place} of 12" for place in (5, 6, 7, 8, 9)} <= set(texts)
    assert len(draw_heats(heat).axes) == 11


def test_what_is_left_out_of_more_axes_is_said() -> None:
    said = " ".join(list_texts(CASES["five axes"]))
    assert "Shown are the last two of 5 axes: the hottest cell along the others" in said
    assert "Shown is the mean of 2 channels." in said
    assert "The input wasn't kept, so that its heat is shown alone." in list_texts(CASES["bare"])
    assert "Every cell is equally hot." in list_texts(CASES["bare"])


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_it_is_a_result_like_any_other(form: str, tmp_path: Path) -> None:
    first, second = (save_figure(CASES["signed"], tmp_path / f"{name}.{form}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert figure(CASES["signed"]).width == 8.6
