from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from striate.data.store import is_junk, shown


@given(st.text(st.characters()))
def test_a_shown_name_is_one_printable_line(name: str) -> None:
    assert shown(name).isprintable()
    assert len(shown(name).splitlines()) <= 1
    assert shown(name) == name or not name.isprintable()


def test_parents_are_no_junk() -> None:
    assert not is_junk("../cat/1.jpg")
    assert not is_junk("./cat/1.jpg")
    assert is_junk("cat/.1.jpg")
