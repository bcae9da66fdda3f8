"""An operation's arguments by torch's own names and defaults, as its schema tells them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import torch

from striate.measure.operation import Operation


@cache
def read_schema(target: str) -> dict[str, tuple[int, Any]]:
    """Each argument's place and default, by its name.

    >>> read_schema("aten.amax.default")
    {'self': (0, None), 'dim': (1, []), 'keepdim': (2, False)}
    """
    overload: Any = torch.ops
    for part in target.split("."):
        overload = getattr(overload, part)
    return {argument.name: (place, argument.default_value) for place, argument in enumerate(overload._schema.arguments)}


def find_argument(operation: Operation, name: str) -> Any:
    """One argument as it was given, or its default; None where this overload has none of the name."""
    places = read_schema(operation.target)
    if name not in places:
        return None
    place, default = places[name]
    return operation.get(place, name, default)


def count_axes(operation: Operation) -> int:
    """The axes that an operation's name speaks of: 2 in `avg_pool2d`."""
    found = re.search(r"([123])d", operation.name)
    return int(found[1]) if found else 0


def repeat_numbers(numbers: int | Sequence[int], axes: int) -> tuple[int, ...]:
    """One number for each axis; a single one stands for all.

    >>> repeat_numbers(2, 3), repeat_numbers([1, 2], 2)
    ((2, 2, 2), (1, 2))
    """
    given = (numbers,) if isinstance(numbers, int) else tuple(numbers)
    return given * axes if len(given) == 1 else given
