from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from striate.data.pool import index_classes


@given(st.lists(st.integers(-50, 50), min_size=1))
def test_numbers_sort_by_value(labels: list[int]) -> None:
    classes, places = index_classes([str(label) for label in labels])
    assert [int(name) for name in classes] == sorted(set(labels))
    assert [int(classes[place]) for place in places] == labels


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1))
def test_a_label_finds_its_class(labels: list[str]) -> None:
    classes, places = index_classes(labels)
    assert [classes[place] for place in places] == labels
    assert len(set(classes)) == len(classes)


def test_numbers_beside_words_sort_as_text() -> None:
    assert index_classes(["10", "9", "nine"])[0] == ("10", "9", "nine")
    assert index_classes(["01", "1", "0"])[0] == ("0", "01", "1")
