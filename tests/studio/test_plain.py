from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.errors import InputError
from striate.studio.plain import read_json, write_json


@dataclass
class Point:
    x: float
    parts: tuple[int, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": np.float32(0.5), "b": np.arange(3)}, {"a": 0.5, "b": [0, 1, 2]}),
        ({"a": Point(1.5, (1, 2))}, {"a": {"x": 1.5, "parts": [1, 2]}}),
        ({"a": Point(math.nan, (1,))}, {"a": {"x": None, "parts": [1]}}),
        ({"a": [math.inf, -math.inf, 1.0]}, {"a": [None, None, 1.0]}),
        ({"a": np.array([np.nan, 2.0])}, {"a": [None, 2.0]}),
        ({"a": frozenset({2, 1})}, {"a": [1, 2]}),
    ],
)
def test_what_is_written_can_be_read(value: Any, expected: Any) -> None:
    assert json.loads(write_json(value)) == expected


def test_a_name_that_is_no_text_can_be_written() -> None:
    assert json.loads(write_json({"name": "a\udc80b"}))["name"].startswith("a")


def test_what_is_no_value_is_a_fault() -> None:
    with pytest.raises(TypeError, match="object"):
        write_json({"a": object()})


WRONG = [
    b"",
    b"[]",
    b"3",
    b"null",
    b"{",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b"\xff",
    b"[" * 100_000,
    b'{"a": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("content", WRONG, ids=lambda content: content[:12].decode("latin-1"))
def test_a_body_is_an_object(content: bytes) -> None:
    with pytest.raises(InputError, match="needed an object"):
        read_json(content)


@given(
    st.dictionaries(
        st.text(),
        st.one_of(st.integers(), st.text(), st.booleans(), st.lists(st.floats(allow_nan=False, allow_infinity=False))),
    )
)
def test_objects_come_through(value: dict[str, Any]) -> None:
    assert read_json(json.dumps(value).encode()) == value
