from __future__ import annotations

import re

import pytest

from striate.errors import InputError
from striate.studio.doors import HANDLE
from striate.studio.handles import Handles


def test_a_handle_gives_the_value_back_to_its_own_kind() -> None:
    handles = Handles()
    handle = handles.give("net", {"a": 1})
    assert HANDLE.fullmatch(handle)
    assert handles.take("net", handle) == {"a": 1}
    for kind, wrong in (("run", handle), ("net", handle[:-1]), ("net", ""), ("net", None), ("net", ["x"]), ("net", 3)):
        with pytest.raises(InputError, match=re.escape(f"{kind}: the studio doesn't hold this one any more")):
            handles.take(kind, wrong)


def test_no_two_handles_are_the_same() -> None:
    handles = Handles()
    assert len({handles.give("net", 0, most=500) for _ in range(500)}) == 500


def test_the_ones_used_last_are_kept() -> None:
    handles, gone = Handles(), list[int]()
    given = [handles.give("input", number, on_drop=gone.append, most=2) for number in range(2)]
    handles.take("input", given[0])
    handles.give("input", 2, on_drop=gone.append, most=2)
    assert gone == [1]
    assert handles.take("input", given[0]) == 0


def test_what_is_dropped_is_told_once() -> None:
    handles, gone = Handles(), list[int]()
    handle = handles.give("input", 7, on_drop=gone.append)
    for _ in range(2):
        handles.drop("input", handle)
    handles.drop("input", None)
    assert gone == [7]
