from __future__ import annotations

from typing import Any

import pytest

from striate.errors import InputError
from striate.explain.options import settle_options

DEFAULTS: dict[str, Any] = {"cells": 21, "span": 1.0, "wrap": False, "kind": "fine", "shifts": (1, 2), "size": None}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("cells", 5, 5),
        ("cells", "5", 5),
        ("cells", "-5", -5),
        ("span", 2, 2.0),
        ("span", "2", 2.0),
        ("span", "1e-3", 0.001),
        ("wrap", True, True),
        ("wrap", "yes", True),
        ("wrap", "False", False),
        ("kind", "12", "12"),
        ("shifts", "3,4", (3, 4)),
        ("shifts", "3", (3,)),
        ("shifts", [0.5, 2], (0.5, 2)),
        ("size", "32x48", (32, 48)),
        ("size", "32", 32),
        ("size", "0.5", 0.5),
        ("size", "large", "large"),
        ("size", None, None),
    ],
)
def test_a_value_is_read_as_its_default_is(name: str, given: Any, expected: Any) -> None:
    settled = settle_options("view", DEFAULTS, {name: given})
    assert settled == {**DEFAULTS, name: expected}
    assert type(settled[name]) is type(expected)


@pytest.mark.parametrize(
    ("name", "given", "needed"),
    [
        ("cells", 2.5, "a whole number, such as 21"),
        ("cells", True, "a whole number"),
        ("cells", "many", "a whole number"),
        ("span", "wide", "a number, such as 1"),
        ("span", False, "a number"),
        ("wrap", 1, "yes or no"),
        ("wrap", "maybe", "yes or no"),
        ("kind", 3, "a str"),
        ("shifts", [[1]], "a list, such as"),
    ],
)
def test_another_type_is_refused(name: str, given: Any, needed: str) -> None:
    with pytest.raises(InputError, match=f"view: option {name} is .*, needed {needed}"):
        settle_options("view", DEFAULTS, {name: given})


def test_an_option_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(InputError, match="view: found an option `cell`, needed one of cells, span, wrap, kind, shifts"):
        settle_options("view", DEFAULTS, {"cell": 1})
    with pytest.raises(InputError, match="needed one of none: it takes no options"):
        settle_options("view", {}, {"cell": 1})


def test_the_defaults_are_not_changed() -> None:
    before = dict(DEFAULTS)
    settle_options("view", DEFAULTS, {"cells": "3"})["span"] = 9.0
    assert before == DEFAULTS
