"""The time column of a table: numbers or dates, brought to their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from striate.data.columns import Columns
from striate.errors import DataError

TIME = ("time", "date", "datetime", "timestamp", "day", "t")


def order_rows(table: Columns, place: int) -> tuple[NDArray[np.int64], bool]:
    """Give the rows in the order of their times, the first one first, and whether they stood in another.

    Raises: DataError for what is no time, and for a time that two rows have.
    """
    times = read_instants(table.take(place), table.lines, f"{table.where}: column {table.written[place]}")
    order = np.argsort(times, kind="stable")
    twice = np.flatnonzero(np.diff(times[order]) == 0)
    if len(twice):
        first, second = (table.lines[int(order[twice[0] + step])] for step in (0, 1))
        raise DataError(
            f"{table.where}: lines {min(first, second)} and {max(first, second)} are of one time, needed one row each. "
            "Take one out, or give each series a file of its own"
        )
    return order, bool((order != np.arange(len(order))).any())


def read_instants(fields: Sequence[str], lines: Sequence[int], where: str) -> NDArray[np.float64]:
    """Read times as numbers, or as dates in ISO 8601 (seconds since 1970; without a zone, UTC).

    Raises: DataError for a field that is neither.

    >>> read_instants(["2024-01-02", "2024-01-01T12:00"], (2, 3), "x").tolist()
    [1704153600.0, 1704110400.0]
    """
    times = np.empty(len(fields))
    for row, text in enumerate(fields):
        try:
            times[row] = _read_one(text)
        except (ValueError, OverflowError):
            raise DataError(
                f"{where}: line {lines[row]} holds {text[:40]!r}, needed a number or a date such as 2024-01-31"
            ) from None
    return times


def _read_one(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not np.isfinite(value):
        raise ValueError(text)
    return value
