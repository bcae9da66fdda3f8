from __future__ import annotations

import pytest
from tests.report.test_costs import check_layout, find_texts
from tests.report.units.test_patchtiles import make_patches

from striate.explain.units.unitpatches import UnitPatches
from striate.report.figures import figure
from striate.report.units.unitpatches import choose_columns, draw_unit_patches, write_notes

CASES: dict[str, tuple[int, int, tuple[int, ...], bool]] = {
    "pictures": (5, 9, (3, 11, 11), True),
    "alone": (1, 4, (1, 7, 5), True),
    "unprojected": (3, 9, (1, 8, 8), False),
    "lone, unprojected": (1, 9, (2, 8, 8), False),
    "tall": (2, 9, (1, 60, 4), True),
    "series": (3, 9, (1, 500), True),
    "volumes": (2, 2, (7, 4, 6, 6), True),
}


def make(case: str) -> UnitPatches:
    units, count, shape, projected = CASES[case]
    patches = tuple(make_patches(count, shape, projected=projected, seed=seed) for seed in range(units))
    notes = () if projected else ("Without projections: the network: found Gelu alone, needed a ReLU.",)
    return UnitPatches("a network $x$", "layer4.1.conv2", tuple(range(units)), patches, 500, notes=notes)


@pytest.mark.parametrize("case", CASES)
def test_each_unit_has_its_name_and_its_tiles(case: str) -> None:
    found = make(case)
    picture = draw_unit_patches(found)
    check_layout(picture)
    texts = [text.get_text() for text in find_texts(picture)]
    for unit, patches in zip(found.units, found.patches, strict=True):
        assert any(text.startswith(f"unit {unit}: fires by {patches.strength[0]:.3g}") for text in texts)
    squares = sum(1 if patches.projections is None else 2 for patches in found.patches)
    assert len([axes for axes in picture.axes if axes.patches]) == squares
    assert picture.height < 30


def test_notes_tell_what_is_left_and_right() -> None:
    assert [note.split(":")[0] for note in write_notes(make("pictures"))] == ["Left", "Right"]
    assert "11 x 11 cells" in write_notes(make("pictures"))[0]
    assert "the rule is 0" in write_notes(make("series"))[1]
    assert write_notes(make("volumes"))[2:] == ["Shown are the middle slices.", "Shown is the mean of 7 channels."]
    assert [note.split(":")[0] for note in write_notes(make("unprojected"))] == ["Each", "Without projections"]


def test_units_side_by_side() -> None:
    found = {case: choose_columns(make(case)) for case in CASES}
    assert found["pictures"] == 2
    assert found["alone"] == 1
    assert found["unprojected"] == 3
    assert found["lone, unprojected"] == 2
    assert found["series"] == 1


def test_figure_draws_them() -> None:
    assert "Where units of layer4.1.conv2 fire most" in [text.get_text() for text in find_texts(figure(make("alone")))]
