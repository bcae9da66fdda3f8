"""A view's own options: checked by name, and read as what they default to, also where they come as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from striate.errors import InputError

WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
WHOLE = re.compile(r"[+-]?\d{1,18}")
LIST = re.compile(r"\d{1,9}(?:[x,]\d{1,9})+")


def settle_options(view: str, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """All options of a view: those given, as the type of their defaults, and the defaults of the rest.

    An option whose default is None takes a number, a list of whole numbers such as 8x8 or 1,2, or a text.

    Raises:  InputError for an option that the view doesn't have, and a value of another type.

    >>> settle_options("surface", {"cells": 21, "span": 1.0, "size": None}, {"cells": "9", "size": "8x8"})
    {'cells': 9, 'span': 1.0, 'size': (8, 8)}
    """
    for name in given:
        if name not in defaults:
            known = ", ".join(defaults) or "none: it takes no options"
            raise InputError(f"{view}: found an option `{name}`, needed one of {known}")
    return {
        name: _read(view, name, given[name], default) if name in given else default
        for name, default in defaults.items()
    }


def _read(view: str, name: str, value: Any, default: Any) -> Any:
    """A value as the type of its default."""
    read = _read_text(value) if isinstance(value, str) and not isinstance(default, str) else value
    if default is None or read is None:
        return read
    if isinstance(default, bool):
        fits, needed = isinstance(read, bool), "yes or no"
    elif isinstance(default, int):
        fits, needed = isinstance(read, int) and not isinstance(read, bool), f"a whole number, such as {default}"
    elif isinstance(default, float):
        fits, needed = isinstance(read, int | float) and not isinstance(read, bool), f"a number, such as {default:g}"
    elif isinstance(default, tuple | list):
        read = tuple(read) if isinstance(read, tuple | list) else (read,)
        fits, needed = all(isinstance(each, int | float | str) for each in read), "a list, such as 8,9"
    else:
        fits, needed = isinstance(read, type(default)), f"a {type(default).__name__}"
    if not fits:
        raise InputError(f"{view}: option {name} is {value!r}, needed {needed}")
    return float(read) if isinstance(default, float) else read


def _read_text(text: str) -> Any:
    """A number, a list of whole numbers, yes or no; any other text stays as it is."""
    word = text.strip()
    if word.lower() in WORDS:
        return WORDS[word.lower()]
    if WHOLE.fullmatch(word):
        return int(word)
    if LIST.fullmatch(word):
        return tuple(int(part) for part in re.split("[x,]", word))
    try:
        return float(word)
    except ValueError:
        return text
