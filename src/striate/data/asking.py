"""What is asked of a table with a time column: which columns are seen, of which one what is told, and how far ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from striate.data.columns import Columns
from striate.data.instants import TIME
from striate.data.pool import Request
from striate.data.store import shown
from striate.data.windows import choose_size, choose_step
from striate.errors import DataError

TARGETS = ("target", "close", "price", "value", "y")
CLASSES = ("label", "class")
AIMS = ("value", "direction", "class")


@dataclass(frozen=True)
class Plan:
    """How a table is read: its columns, the one it is about, what is asked of it, and the windows' sizes."""

    time: str
    columns: tuple[str, ...]
    target: str
    aim: str
    horizon: int
    window: int
    step: int
    classes: tuple[str, ...] = ()

    def to_reading(self) -> dict[str, Any]:
        """Plain values, from which another table is read alike."""
        names = ("time", "target", "aim", "horizon", "window", "step")
        own = {name: getattr(self, name) for name in names}
        return {"kind": "series", **own, "columns": list(self.columns), "classes": list(self.classes)}


def make_plan(table: Columns, request: Request) -> Plan:
    """Choose columns, target, aim and window from a table and the caller's options.

    Raises: DataError for an option that doesn't fit the table.
    """
    options = request.options
    time = table.written[find_time(table, options)]
    target = _find_target(table, options, time)
    numeric = [name for name in table.written if name != time and _is_numeric(table, name)]
    is_class = target.lower() in CLASSES or target not in numeric
    aim = _choose_aim(options.get("aim"), request.task, target, is_class=is_class, where=table.where)
    columns = tuple(name for name in numeric if not (aim == "class" and name == target))
    if not columns:
        raise DataError(f"{table.where}: found no column of numbers beside the time; needed one or more to look at.")
    window = int(options.get("window") or (request.extents or (choose_size(len(table.rows)),))[0])
    horizon = int(options.get("horizon", 0 if aim == "class" else 1))
    if window < 1 or horizon < (aim != "class"):
        raise DataError(f"{table.where}: found window {window} and horizon {horizon}; needed 1 or more of each.")
    step = int(options.get("step") or choose_step(len(table.rows), window, len(columns)))
    return Plan(time, columns, target, aim, horizon, window, max(1, step))


def restore_plan(reading: Mapping[str, Any]) -> Plan:
    """The plan that another table was read by."""
    own = {key: value for key, value in reading.items() if key != "kind"}
    return Plan(**{**own, "columns": tuple(own["columns"]), "classes": tuple(own["classes"])})


def find_time(table: Columns, options: Mapping[str, Any]) -> int:
    """The place of the time column. Raises: DataError where there is none."""
    names = (str(options["time"]),) if options.get("time") else TIME
    place = table.find(names)
    if place is None:
        listed = shown(",".join(table.written)[:80])
        raise DataError(
            f"{table.where}: found the columns {listed}; needed a time column ({', '.join(TIME[:5])}) for a series, "
            "or text,label for words."
        )
    return place


def read_numbers(table: Columns, names: Sequence[str]) -> NDArray[np.float32]:
    """The columns of these names, [columns, rows].

    Raises: DataError for one that isn't there, or a field that is no number.
    """
    read = np.empty((len(names), len(table.rows)), np.float32)
    for number, name in enumerate(names):
        place = table.find((name,))
        if place is None:
            raise DataError(f"{table.where}: found no column {shown(name)}, needed it, as in training. Add it")
        for row, field in enumerate(table.take(place)):
            read[number, row] = _to_number(field)
        wrong = np.flatnonzero(~np.isfinite(read[number]))
        if len(wrong):
            line, field = table.lines[int(wrong[0])], table.rows[int(wrong[0])][place]
            raise DataError(
                f"{table.where}: line {line}, column {shown(name)}: found {field[:40]!r}, needed a number. Fill it in, "
                "or take the row out"
            )
    return read


def _find_target(table: Columns, options: Mapping[str, Any], time: str) -> str:
    asked = options.get("target")
    place = table.find((str(asked),) if asked else (*CLASSES, *TARGETS))
    if place is not None:
        return table.written[place]
    if asked:
        listed = shown(", ".join(name for name in table.written if name != time)[:80])
        raise DataError(f"{table.where}: found no column {shown(str(asked))}, needed one of {listed} as the target.")
    rest = [name for name in table.written if name != time]
    if not rest:
        raise DataError(f"{table.where}: found the time alone; needed a column of numbers beside it.")
    return rest[-1]


def _choose_aim(asked: str | None, task: str | None, target: str, *, is_class: bool, where: str) -> str:
    aim = asked or ("class" if is_class else "direction" if task == "classify" else "value")
    if aim not in AIMS:
        raise DataError(f"{where}: found the aim {aim!r}; needed one of {', '.join(AIMS)}.")
    if task not in (None, "classify" if aim != "value" else "regress"):
        raise DataError(f"{where}: found the task {task} for column {shown(target)}, whose {aim} is asked.")
    return aim


def _is_numeric(table: Columns, name: str) -> bool:
    place = table.find((name,))
    assert place is not None
    fields = [field for field in table.take(place) if field]
    return bool(fields) and bool(np.isfinite([_to_number(field) for field in fields]).mean() > 0.5)


def _to_number(field: str) -> float:
    try:
        return float(field)
    except ValueError:
        return float("nan")
