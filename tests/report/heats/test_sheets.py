from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from tests.report.heats.made import make_heat, make_trust
from tests.report.test_costs import check_layout, find_texts

from striate.errors import InputError
from striate.explain.heat import Heat
from striate.report.figures import figure
from striate.report.heats.exposures import expose
from striate.report.heats.overlays import paint_heat
from striate.report.heats.sheets import Sheet, draw_heat, draw_sheet
from striate.report.picture import Picture

METHODS = ("gradcam", "saliency", "integratedgradients", "guided", "occlusion", "rise", "lrp", "cam")


def make_heats(count: int, extents: tuple[int, ...], methods: int, channels: int = 1, **others: Any) -> list[Heat]:
    return [
        make_heat(count, extents, channels, signed=name == "lrp", **({"method": name} | others))
        for name in METHODS[:methods]
    ]


CASES: dict[str, list[Heat]] = {
    "many": make_heats(70, (8, 8), 1),
    "many of two": make_heats(30, (8, 8), 2, 3),
    "three": make_heats(3, (8, 8), 1, trust=make_trust(3)),
    "one of many methods": make_heats(1, (8, 12), 8, 3),
    "methods": make_heats(5, (12, 8), 8),
    "tall": make_heats(9, (200, 4), 3),
    "wide": make_heats(9, (4, 200), 3),
    "curves": make_heats(7, (300,), 3),
    "many curves": make_heats(20, (300,), 1),
    "sounds": make_heats(4, (3000,), 2, rate=8000),
    "volumes": make_heats(4, (6, 8, 9), 2, 2),
    "axes": make_heats(4, (2, 3, 8, 9), 2),
    "names": make_heats(3, (8, 8), 2, names=("long $x$ <b> " * 30,) * 3, classes=("name " * 60,) * 3),
}


@pytest.mark.parametrize("case", CASES)
def test_whatever_was_explained_can_be_read(case: str) -> None:
    picture = draw(case)
    check_layout(picture)
    assert picture.width == pytest.approx(8.6, abs=1.5)
    assert 1.5 < picture.height < 29


@cache
def draw(case: str) -> Picture:
    return draw_sheet(Sheet(tuple(CASES[case])))


def read_cells(picture: Picture) -> list[Any]:
    """Every cell's pixels, and where it lies in inches: left, right, bottom and top."""
    (canvas,) = picture.axes
    return [(np.asarray(image.get_array()), image.get_extent()) for image in canvas.images]


def list_texts(heats: list[Heat]) -> list[str]:
    return [text.get_text() for text in find_texts(figure(heats))]


def test_each_input_has_a_cell_for_itself_and_one_for_each_method() -> None:
    heats = CASES["many of two"]
    cells = read_cells(draw("many of two"))
    assert len(cells) == 3 * 30
    for index in (0, 1, 29):
        for place, heat in enumerate(heats):
            expected = np.clip(paint_heat(expose(heat, index), 0), 0, 1)
            assert np.array_equal(cells[3 * index + 1 + place][0], expected)


def test_cells_do_not_lie_on_each_other() -> None:
    for case in ("many", "methods", "tall"):
        boxes = [box for _, box in read_cells(draw(case))]
        for number, (left, right, bottom, top) in enumerate(boxes):
            assert 0 < left < right < draw(case).width
            assert 0 < top < bottom < draw(case).height
            for other in boxes[:number]:
                assert left >= other[1] or other[0] >= right or top >= other[2] or other[3] >= bottom


def test_what_is_cut_off_is_said() -> None:
    assert "The first 60 of 70 inputs are shown." in {text.get_text() for text in find_texts(draw("many"))}
    assert len(read_cells(draw("many"))) == 120
    assert not any("inputs are shown" in text for text in list_texts(CASES["three"]))


def test_methods_layers_and_trust_are_named() -> None:
    trust = make_trust(3)
    texts = list_texts(make_heats(3, (8, 8), 2, trust=trust))
    assert {"input", "Grad-CAM", "Saliency"} <= set(texts)
    said = " ".join(texts)
    for line in trust.lines():
        assert f"Grad-CAM: {line}" in said
        assert f"Saliency: {line}" in said
    assert "Grad-CAM read at the layer layer4.1" in said


def test_a_volumes_cell_is_its_hottest_slice() -> None:
    heats = CASES["volumes"]
    assert "Of each volume the slice with the hottest cell is shown." in list_texts(heats)
    shown = expose(heats[1], 2)
    pixels, _ = read_cells(draw("volumes"))[3 * 2 + 2]
    assert np.array_equal(pixels, np.clip(paint_heat(shown, shown.hottest), 0, 1))


def test_a_few_inputs_are_drawn_large_and_more_as_a_sheet() -> None:
    few, many = make_heat(2, (8, 8)), make_heat(3, (8, 8))
    assert len(draw_heat(few).axes) == 6  # a bar beside each
    assert len(read_cells(draw_heat(many))) == 6  # an input and a heat each
    assert len(figure([few]).axes) == 6
    assert len(read_cells(figure((few, few)))) == 6


def test_heats_of_different_inputs_are_refused() -> None:
    with pytest.raises(InputError, match="found heats of 2x8x8 and 2x8x9, needed heats of the same inputs"):
        figure([make_heat(2, (8, 8)), make_heat(2, (8, 9))])
    for nothing in ([], [torch.zeros(3), "a"]):
        with pytest.raises(InputError, match="figure: found no heats"):
            figure(nothing)
