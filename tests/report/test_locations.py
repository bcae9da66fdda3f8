from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from tests.report.findings import Found, make_locations
from tests.report.test_costs import check_layout, find_texts

from striate.locate import Locations
from striate.report.figures import figure, save_figure
from striate.report.locations import draw_locations
from striate.report.picture import Picture

BORDERS: list[Found] = [
    ("seven", 0.9999, (0, 0)),
    ("a name that is very long indeed, and goes on", 0.97, (52, 82)),
    ("five $x_1$", 0.93, (0, 82)),
    ("<b>", 0.91, (52, 0)),
]
MANY: list[Found] = [
    (f"class {n % 17}", 0.9 + n / 2000, tuple(np.random.default_rng(n).integers(0, 190, 2).tolist()))
    for n in range(120)
]
WHY = "conv1, conv2 and 3 more read past a crop's border: a crop has padding where the larger input has neighbours"
CASES: dict[str, tuple[tuple[int, ...], list[Found], dict[str, Any]]] = {
    "grey": ((1, 60, 90), BORDERS, {}),
    "colour": ((3, 60, 90), BORDERS, {"dtype": np.float32, "exact": False, "why": WHY}),
    "tall": ((1, 400, 24), [("a", 0.95, (0, 16)), ("a longer name", 0.9, (392, 0))], {}),
    "wide": ((1, 12, 400), [("a", 0.95, (0, 0)), ("a longer name", 0.9, (4, 392))], {}),
    "needle": ((1, 8, 3000), [("a", 0.95, (0, 0)), ("a longer name", 0.9, (0, 2992))], {}),
    "none": ((1, 40, 60), [], {"name": "x/" * 30 + "long" * 40 + ".png"}),
    "many": ((3, 200, 200), MANY, {}),
    "one cell": ((1, 8, 8), [("a", 0.95, (0, 0))], {}),
    "series": ((2, 300), [("click", 0.97, (20,)), ("boom", 0.92, (24,)), ("boom", 0.92, (292,))], {}),
    "volume": ((1, 12, 20, 30), [("click", 0.97, (2, 3, 4)), ("boom", 0.92, (4, 12, 22))], {"dtype": np.float32}),
}


def make(case: str) -> Locations:
    shape, found, others = CASES[case]
    return make_locations(shape, found, **others)


@pytest.mark.parametrize("case", CASES)
def test_whatever_was_found_can_be_read(case: str) -> None:
    found = make(case)
    picture = draw_locations(found)
    check_layout(picture)
    assert picture.width == 8.6
    assert 1.5 < picture.height < 22
    assert len(picture.axes) == 1 + min(12, len({place.label for place in found.places}))


def read_boxes(picture: Picture) -> list[tuple[float, ...]]:
    boxes = [patch for patch in picture.axes[0].patches if isinstance(patch, Rectangle) and not patch.get_fill()]
    return [(box.get_y(), box.get_x(), box.get_height(), box.get_width()) for box in boxes]


@pytest.mark.parametrize("case", ["grey", "colour", "tall", "many"])
def test_each_finding_has_its_box(case: str) -> None:
    found = make(case)
    assert sorted(read_boxes(draw_locations(found))) == sorted((*p.start, *p.extents) for p in found.places)


def test_a_box_is_drawn_where_its_cells_are() -> None:
    axes = draw_locations(make("grey")).axes[0]
    (image,) = axes.images
    assert tuple(image.get_extent()) == (0, 90, 60, 0)
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 90), (60, 0))
    assert image.get_clim() == (0, 255)


def test_a_series_box_is_an_interval_and_a_volumes_the_last_two_axes() -> None:
    assert sorted(read_boxes(draw_locations(make("series")))) == [(0, 20, 1, 8), (0, 24, 1, 8), (0, 292, 1, 8)]
    assert sorted(read_boxes(draw_locations(make("volume")))) == [(3, 4, 8, 8), (12, 22, 8, 8)]


def test_a_map_is_the_classes_own() -> None:
    found = make("colour")
    for axes, label in zip(draw_locations(found).axes[1:], ["seven", BORDERS[1][0], "five $x_1$", "<b>"], strict=True):
        _, heat = axes.images
        assert np.array_equal(np.asarray(heat.get_array()), found.map_class(label))
        assert heat.get_clim() == (0, 1)
    volume = make("volume")
    _, heat = draw_locations(volume).axes[1].images
    assert np.array_equal(np.asarray(heat.get_array()), volume.map_class("click").max(axis=0))


def list_texts(found: Locations) -> list[str]:
    return [text.get_text() for text in find_texts(draw_locations(found))]


def test_findings_are_counted_and_the_surest_are_never_certain() -> None:
    texts = list_texts(make("grey"))
    assert "seven  99.9 %" in texts
    assert "five $x_1$  93 %" in texts
    assert "Where each class fires in a picture.png" in texts
    assert "seven: 1 found" in texts


def test_one_class_is_named_and_none_is_said() -> None:
    one = make_locations((1, 40, 40), [("eight", 0.95, (3, 3)), ("eight", 0.97, (20, 20))])
    assert {"Where eight fires in a picture.png", "eight: 2"} <= set(list_texts(one))
    assert "Nothing was found." in list_texts(make("none"))
    assert any("A window of 8x8 at scale 1, 0.5." in text for text in list_texts(make("none")))


def test_what_is_not_exact_says_why_and_what_is_left_out_is_told() -> None:
    said = " ".join(list_texts(make("colour")))
    assert "isn't exact" in said
    assert "read past a crop's border" in said
    assert "isn't exact" not in " ".join(list_texts(make("grey")))
    assert "Maps of the 12 classes found most often, of 17." in list_texts(make("many"))
    assert "Shown is the middle slice, with the findings at every depth." in list_texts(make("volume"))


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_it_is_a_result_like_any_other(form: str, tmp_path: Path) -> None:
    found = make("grey")
    assert isinstance(figure(found), Picture)
    first, second = (save_figure(found, tmp_path / f"{name}.{form}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
