"""Drawings are kept by what they are of, up to so many bytes, those used last the longest."""

from __future__ import annotations

from striate.studio.drawings import Drawing, Drawings


def make(count: int) -> Drawing:
    return Drawing(b"x" * count, 1, 1, (), 0.0, b"page")


def test_those_used_last_stay_and_a_large_one_is_kept_for_itself() -> None:
    drawings = Drawings(most=30)
    drawings.keep("a", make(6))
    drawings.keep("b", make(6))
    assert drawings.find("a") is not None
    drawings.keep("c", make(6))
    assert drawings.find("b") is not None  # 30 bytes, with their pages
    drawings.find("a")
    drawings.keep("d", make(1))
    assert drawings.find("c") is None
    assert drawings.find("a") is not None
    drawings.keep("large", make(1000))
    assert [each for each in "abcd" if drawings.find(each)] == []
    assert drawings.find("large") is not None
