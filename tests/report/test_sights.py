"""What a middle cell sees of the input: intervals and rectangles, against sets of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from striate.report.palette import DEPTHS
from striate.report.sights import BEYOND, clip, draw_intervals, draw_rectangles, pick_color
from striate.report.stages import Stage

STAGES = (
    Stage((8, 6), (range(-2, 5), range(1, 4))),
    Stage((4, 3), (range(3, 9), range(-40, 50)), varies=True),
    Stage((1, 1), None),
)


@given(st.integers(-20, 30), st.integers(0, 40), st.integers(1, 12))
def test_an_interval_is_cut_to_the_cells_that_the_input_has(start: int, length: int, extent: int) -> None:
    seen = range(start, start + length)
    found = clip(seen, extent)
    assert set(found) == set(seen) & set(range(extent))
    assert 0 <= found.start <= found.stop <= extent


@pytest.mark.parametrize("count", range(1, 12))
def test_colours_run_from_light_to_dark_without_turning_back(count: int) -> None:
    places = [DEPTHS.index(pick_color(depth, count)) for depth in range(count)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] == (len(DEPTHS) - 1 if count > 1 else 0)
    assert len(set(places)) == min(count, len(DEPTHS))


def list_boxes(stages: tuple[Stage, ...], extents: tuple[int, int]) -> tuple[list[Rectangle], Figure]:
    figure = Figure()
    draw_rectangles(figure.add_subplot(), stages, extents)
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)], figure


def read_box(box: Rectangle) -> tuple[range, range]:
    """The rows and the columns that a rectangle covers."""
    top, left = int(box.get_y()), int(box.get_x())
    return range(top, top + int(box.get_height())), range(left, left + int(box.get_width()))


def test_each_stage_is_its_field_and_within_it_what_the_input_has_of_it() -> None:
    (whole_input, *boxes), _ = list_boxes(STAGES, (8, 6))
    assert read_box(whole_input) == (range(8), range(6))
    for stage, whole, inside in zip(STAGES, boxes[::2], boxes[1::2], strict=True):
        seen = stage.seen or (range(8), range(6))
        assert read_box(whole) == seen
        assert [set(part) for part in read_box(inside)] == [
            set(part) & set(range(extent)) for part, extent in zip(seen, (8, 6), strict=True)
        ]


def test_the_frame_holds_the_input_and_no_more_than_its_extent_beyond() -> None:
    _, figure = list_boxes(STAGES, (8, 6))
    (left, right), (bottom, top) = figure.axes[0].get_xlim(), figure.axes[0].get_ylim()
    assert bottom > top  # rows are counted from above
    assert top < -2 < 0 < 9 < bottom
    assert -6 * BEYOND * 1.2 < left < -6 * BEYOND
    assert 6 * (1 + BEYOND) < right < 6 * (1 + BEYOND) * 1.2


def test_what_leaves_the_drawing_is_told_and_nothing_else() -> None:
    boxes, _ = list_boxes(STAGES, (8, 6))
    said = [str(box.get_label()) for box in boxes if str(box.get_label()).strip("_")]
    assert said[0] == "input"
    assert ["leaves the drawing" in text for text in said[1:]] == [False, True, False]
    for text, stage in zip(said[1:], STAGES, strict=True):
        assert text.startswith(f"{stage.title}: {stage.text}")


@pytest.mark.parametrize(
    ("extents", "is_distorted"), [((8, 8), False), ((8, 2), False), ((9, 2), True), ((2, 9), True)]
)
def test_a_sliver_is_drawn_out_of_proportion_and_says_so(extents: tuple[int, int], is_distorted: bool) -> None:
    axes = list_boxes((Stage((1, 1), None),), extents)[1].axes[0]
    assert (axes.get_xlabel() == "out of proportion") == is_distorted
    assert (axes.get_aspect() == "auto") == is_distorted


@pytest.mark.parametrize(("axis", "extent"), [(0, 8), (1, 6)])
def test_bars_cover_the_cells_that_are_seen_each_once(axis: int, extent: int) -> None:
    figure = Figure()
    axes = figure.add_subplot()
    draw_intervals(axes, STAGES, axis, extent, "height")
    bars = [patch for container in axes.containers for patch in container.patches]  # type: ignore[attr-defined]
    for depth, stage in enumerate(STAGES):
        seen = range(extent) if stage.seen is None else stage.seen[axis]
        mine = [bar for bar in bars if bar.get_y() < depth < bar.get_y() + bar.get_height()]
        covered = [cell for bar in mine for cell in range(int(bar.get_x()), int(bar.get_x()) + int(bar.get_width()))]
        assert sorted(covered) == list(seen)
        inside = max(mine, key=lambda bar: bar.get_height())
        assert set(range(int(inside.get_x()), int(inside.get_x() + inside.get_width()))) == set(seen) & {*range(extent)}
    assert [text.get_text() for text in axes.get_yticklabels()] == [stage.title for stage in STAGES]
    assert "height" in axes.get_xlabel()
