"""The history's columns as numbers, whatever a record lacks."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan
from numbers import Real
from typing import Any

History = Sequence[dict[str, Any]]


def read_column(history: History, name: str) -> tuple[float, ...]:
    """Read one column, a value a record; NaN where there is no finite number.

    >>> read_column([{"train_loss": 0.5}, {"train_loss": 0.25}, {"train_loss": None}], "train_loss")
    (0.5, 0.25, nan)
    """
    return tuple(_number(record.get(name), nan) for record in history)


def read_epochs(history: History) -> tuple[float, ...]:
    """Read the epochs' numbers; a record without one counts from 1 by its place."""
    return tuple(_number(record.get("epoch"), index + 1.0) for index, record in enumerate(history))


def find_best(history: History, name: str, largest: bool = True) -> tuple[float, int] | None:
    """Find the best value of a column and the epoch it came in (the first of equals); None when there is no number.

    >>> find_best([{"epoch": 1, "lr": 0.5}, {"epoch": 2, "lr": 0.3}, {}], "lr", largest=False)
    (0.3, 2)
    """
    pairs = zip(read_column(history, name), read_epochs(history), strict=True)
    finite = [(value, int(epoch)) for value, epoch in pairs if isfinite(value)]
    if not finite:
        return None
    return max(finite, key=lambda pair: pair[0]) if largest else min(finite, key=lambda pair: pair[0])


def _number(value: Any, fallback: float) -> float:
    return float(value) if isinstance(value, Real) and isfinite(value) else fallback
