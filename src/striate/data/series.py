"""A table with a time column as windows: what was seen, and what came next or which class it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.asking import Plan, find_time, make_plan, read_numbers, restore_plan
from striate.data.columns import Columns, find_tables, read_columns, read_header
from striate.data.decoded import Decoded
from striate.data.hashing import hash_samples, sum_moments
from striate.data.instants import order_rows
from striate.data.part import Inputs, SetAside
from striate.data.pool import Pool, Request, Side, index_classes
from striate.data.store import Entry, Store, shown
from striate.data.tree import find_medium_of
from striate.data.windows import Spans, Windows, cut_rows
from striate.errors import DataError

MOVES = ("down", "up")


def is_series(store: Store, request: Request) -> bool:
    """Tell a source of one table and nothing of another medium; a table of words was told before."""
    if request.reading is not None and request.reading.get("kind") != "series":
        return False
    tables = find_tables(store)
    if len(tables) != 1 or any(find_medium_of(entry) for entry in store.entries):
        return False
    header = read_header(store, tables[0])
    return "file" not in header


def read_series(store: Store, request: Request, source: Path) -> Pool:
    """Read a table as windows, split by time.

    Shape:   float32 [N, columns, window]; labels int64 [N], or float32 [N, horizon] where values are to be told.
    Raises:  DataError for no time column, fields that are no numbers, or too few rows.
    """
    entry = find_tables(store)[0]
    table = read_columns(store, entry)
    order, moved = _order(table, request)
    plan = restore_plan(request.reading) if request.reading is not None else make_plan(table, request)
    values = read_numbers(table, plan.columns)[:, order]
    windows = Windows(values.shape[1], plan.window, plan.horizon, plan.step)
    _check_rows(windows, table.where, split=request.split)
    classes, labels = _find_labels(table, plan, order, windows)
    sides = windows.find_sides() if request.split else np.full(len(windows.starts), Side.TEST, np.int8)
    notes = _describe(windows, plan, table, moved=moved, split=request.split)
    aside = [SetAside(shown(each.name), "beside the table") for each in store.entries if each is not entry]
    reading = replace(plan, classes=classes).to_reading()
    kept = np.flatnonzero(sides != Side.UNSAID)
    return Pool(
        inputs=cut_windows(values, windows)[kept],
        labels=labels[kept],
        names=Spans(shown(entry.name), windows.starts[kept], plan.window),
        sides=sides[kept],
        classes=classes,
        kind="series",
        smallest=(plan.window,),
        largest=(plan.window,),
        set_aside=(*store.set_aside, *aside),
        notes=notes,
        task="regress" if plan.aim == "value" else "classify",
        reading=reading,
        own_split=False,
    )


def decode_series(store: Store, entries: Sequence[Entry], request: Request) -> Decoded:
    """The last window of each table, for a network that was trained on series: what comes next is asked.

    Shape:   float32 [N, columns, window].
    """
    assert request.reading is not None
    plan = restore_plan(request.reading)
    found, reasons = [], {}
    for place, entry in enumerate(entries):
        try:
            table = read_columns(store, entry)
            values = read_numbers(table, plan.columns)[:, _order(table, request)[0]]
            if values.shape[1] < plan.window:
                raise DataError(f"{values.shape[1]} rows, fewer than a window's {plan.window}")
            found.append(values[:, -plan.window :])
        except DataError as problem:
            reasons[place] = str(problem)
    inputs = np.stack(found) if found else np.zeros((0, len(plan.columns), plan.window), np.float32)
    return Decoded(
        inputs=inputs,
        kept=np.array([place for place in range(len(entries)) if place not in reasons], np.int64),
        set_aside=tuple(SetAside(shown(entries[place].name), why) for place, why in reasons.items()),
        smallest=(plan.window,),
        largest=(plan.window,),
        hashes=hash_samples(inputs),
        moments=sum_moments(inputs),
    )


def cut_windows(values: NDArray[np.float32], windows: Windows) -> Inputs:
    """The rows of each window, [columns, rows] -> [N, columns, window].

    >>> cut_windows(np.float32([[1, 2, 3, 4]]), Windows(4, 2, 1)).tolist()
    [[[1.0, 2.0]], [[2.0, 3.0]]]
    """
    seen = np.lib.stride_tricks.sliding_window_view(values, windows.size, axis=1)
    return seen.swapaxes(0, 1)[windows.starts]


def _order(table: Columns, request: Request) -> tuple[NDArray[np.int64], bool]:
    named = request.reading or request.options
    return order_rows(table, find_time(table, named))


def _find_labels(
    table: Columns, plan: Plan, order: NDArray[np.int64], windows: Windows
) -> tuple[tuple[str, ...], NDArray[Any]]:
    """What each window is to tell, and the names of the outputs."""
    last = windows.starts + plan.window - 1
    if plan.aim == "class":
        place = table.find((plan.target,))
        if place is None:
            raise DataError(f"{table.where}: found no column {shown(plan.target)}, needed it for the classes. Add it")
        fields = np.array(table.take(place), object)[order]
        classes, numbers = index_classes([str(field) for field in fields[last + plan.horizon]])
        return classes, numbers
    values = read_numbers(table, (plan.target,))[0][order]
    if plan.aim == "direction":
        return MOVES, (values[last + plan.horizon] > values[last]).astype(np.int64)
    steps = np.arange(1, plan.horizon + 1)
    names = (plan.target,) if plan.horizon == 1 else tuple(f"{plan.target} +{step}" for step in steps)
    return names, values[last[:, None] + steps]


def _check_rows(windows: Windows, where: str, *, split: bool) -> None:
    least = min(last - first for first, last in cut_rows(windows.rows)) if split else windows.rows
    if least < windows.span:
        raise DataError(
            f"{where}: found {windows.rows} rows, of which the smallest part has {least}; needed {windows.span} for a "
            f"window of {windows.size} and what comes next. Add rows, or choose a smaller window."
        )


def _describe(windows: Windows, plan: Plan, table: Columns, *, moved: bool, split: bool) -> tuple[str, ...]:
    (_, val), (_, test), (_, rows) = cut_rows(windows.rows)
    ahead = f"{plan.horizon} rows" if plan.horizon > 1 else "one row"
    asked = {
        "value": f"{plan.target} in the next {ahead if plan.horizon > 1 else 'row'}",
        "direction": f"whether {plan.target} is higher {ahead} later (level counts as down)",
        "class": f"{plan.target} {ahead} after the last row" if plan.horizon else f"{plan.target} of the last row",
    }[plan.aim]
    seen = f"{', '.join(plan.columns[:6])}{', ...' * (len(plan.columns) > 6)}"
    begun = "one begins at every row" if plan.step == 1 else f"one begins at every {plan.step}th row"
    notes = [f"a sample is a window of {plan.window} rows of {seen} ({begun}); to be told: {asked}"]
    if split:
        lost = int((windows.find_sides() == Side.UNSAID).sum())
        notes.append(
            f"split by time: rows 1 to {val:,} train, {val + 1:,} to {test:,} validate, {test + 1:,} to {rows:,} test; "
            f"{lost:,} windows that reach over a border are in no part"
        )
    if moved:
        notes.append("the rows stood in another order than their times and were sorted")
    return tuple(notes)
