from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.report.labels import HEIGHT, Box, place_labels
from striate.report.picture import SMALL, measure_width

CORNERS = st.tuples(*(st.floats(0, most, allow_subnormal=False) for most in (7, 5, 2, 2)))


def share_room(one: Box, other: Box) -> bool:
    """By the middles and the sides."""
    across = abs(one.left + one.width / 2 - other.left - other.width / 2) < (one.width + other.width) / 2 - 1e-9
    down = abs(one.top + one.height / 2 - other.top - other.height / 2) < (one.height + other.height) / 2 - 1e-9
    return across and down


@settings(max_examples=40, deadline=None)
@given(st.lists(CORNERS, max_size=12))
def test_no_label_lies_on_another_or_leaves_the_drawing(corners: list[tuple[float, ...]]) -> None:
    boxes = [Box(*corner) for corner in corners]
    texts = [f"class {number}  9{number % 10} %" for number in range(len(boxes))]
    labels = place_labels(boxes, texts, (8.0, 5.0))
    assert not any(share_room(one, other) for one, other in combinations(labels, 2))
    assert {label.text for label in labels} <= set(texts)
    assert labels or not boxes
    for label in labels:
        assert label.left >= 0
        assert label.left + label.width <= 8.0 + 1e-9
        assert -HEIGHT <= label.top <= 5.0
        assert label.width > measure_width(label.text, SMALL)
        box = boxes[texts.index(label.text)]
        assert box.top - HEIGHT - 1e-9 <= label.top <= box.top + box.height + 1e-9


def test_a_label_stands_above_its_box_where_there_is_room() -> None:
    (label,) = place_labels([Box(1, 2, 1, 1)], ["a"], (8, 5))
    assert (label.left, label.top) == (1, 2 - HEIGHT)


def test_at_the_right_it_moves_inwards() -> None:
    (label,) = place_labels([Box(7.9, 2, 0.1, 0.1)], ["a long name"], (8, 5))
    assert label.left + label.width == pytest.approx(8)


def test_where_that_is_taken_it_stands_below_and_then_inside() -> None:
    box = Box(1, 2, 1, 1)
    first, second, third, *others = place_labels([box] * 9, ["a wide label"] * 9, (8, 5))
    assert [each.top for each in (first, second, third)] == [2 - HEIGHT, 3, 2]
    assert len(others) < 6
