from __future__ import annotations

from typing import Any

import pytest

from striate.errors import InputError
from striate.studio.routes.route import read_shape, read_text, read_whole


@pytest.mark.parametrize("value", [None, 3, ["a"], "x" * 11])
def test_a_text_is_a_text(value: Any) -> None:
    assert read_text({"text": "x" * 10}, "text", 10) == "x" * 10
    with pytest.raises(InputError, match="text: needed a text of at most 10 signs"):
        read_text({"text": value}, "text", 10)


@pytest.mark.parametrize("value", [0, 65, 1.0, True, "8", [8], 10**400])
def test_a_whole_number_has_its_limits(value: Any) -> None:
    assert read_whole({"batch": 64}, "batch", 1, 64) == 64
    assert read_whole({"batch": None}, "batch", 1, 64) is None
    with pytest.raises(InputError, match="needed a whole number from 1 to 64"):
        read_whole({"batch": value}, "batch", 1, 64)


@pytest.mark.parametrize("value", [[], [0], [1.5], [True], "3x8", [1] * 9, [1 << 31], {"a": 1}, 3])
def test_a_shape_is_whole_numbers(value: Any) -> None:
    assert read_shape({}, "input") is None
    with pytest.raises(InputError, match="needed channels and extents"):
        read_shape({"input": value}, "input")
