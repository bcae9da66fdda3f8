"""An uploaded input is thrown away, and nothing else is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from striate.errors import InputError
from striate.studio.handles import Handles
from striate.studio.routes.inputs import forget_input


def forget(handles: Handles, body: dict[str, Any]) -> dict[str, Any]:
    session: Any = SimpleNamespace(handles=handles)
    return forget_input(session, body, None)  # type: ignore[arg-type]


def test_an_input_goes_with_what_was_to_be_done_then_and_no_other() -> None:
    handles, gone = Handles(), list[str]()
    first, second = (handles.give("input", name, on_drop=gone.append) for name in ("first", "second"))
    assert forget(handles, {"input": first}) == {}
    assert gone == ["first"]
    with pytest.raises(InputError):
        handles.take("input", first)
    assert handles.take("input", second) == "second"


def test_what_was_given_out_as_something_else_stays() -> None:
    handles = Handles()
    net = handles.give("net", "conv3-8")
    assert forget(handles, {"input": net}) == {}
    assert handles.take("net", net) == "conv3-8"


@pytest.mark.parametrize("body", [{}, {"input": None}, {"input": 3}, {"input": ["a"]}, {"input": {"a": 1}}])
def test_what_is_no_handle_is_gone_already(body: dict[str, Any]) -> None:
    handles, gone = Handles(), list[str]()
    handles.give("input", "first", on_drop=gone.append)
    for _ in range(2):
        assert forget(handles, body) == {}
    assert gone == []
