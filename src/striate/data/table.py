"""labels.csv: a table that says of each file its class, its labels, or its numbers."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import PurePosixPath

from striate.data.columns import find_delimiter
from striate.data.store import Entry, Store, shown
from striate.errors import DataError

TABLE = "labels.csv"
FILE, CLASS, SEVERAL, TARGET, GROUP = "file", "label", "labels", "target", "group"

Value = str | tuple[str, ...] | tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """What a table says of each file, by name: a class, a tuple of labels, or a tuple of the `columns`' numbers."""

    task: str
    columns: tuple[str, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)


def read_table(store: Store, entry: Entry) -> Table:
    """Read the columns `file` and `label` (a class), `labels` (several, between ; or |), `target` or any others
    (numbers).

    A column `group` is none of the numbers.
    Raises: DataError for other columns, an empty field, no number where one is needed, or a file that comes twice.
    """
    where = f"{store.where}: {shown(entry.name)}"
    try:
        text = store.read(entry).decode("utf-8-sig")
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=find_delimiter(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{where}: can't be read as a table ({error}); needed UTF-8 text, fields between commas."
        ) from error
    names = [name.strip() for name in rows[0]] if rows else []
    header = [name.lower() for name in names]
    others = [name for name in header if name and name not in (FILE, GROUP)]
    if FILE not in header or not others:
        raise DataError(f"{where}: found the columns {shown(','.join(header)[:80]) or 'none'}; needed file,label.")
    if CLASS in header:
        return Table("classify", (), _collect(rows[1:], header, [CLASS], where, lambda fields, _: fields[0]))
    if SEVERAL in header:
        return Table("labels", (), _collect(rows[1:], header, [SEVERAL], where, split_labels, empty=True))
    chosen = [TARGET] if TARGET in header else others
    titles = tuple(shown(names[header.index(name)]) for name in chosen)
    return Table("regress", titles, _collect(rows[1:], header, chosen, where, parse_numbers))


def _collect(
    rows: list[list[str]],
    header: list[str],
    chosen: list[str],
    where: str,
    read: Callable[[Sequence[str], str], Value],
    *,
    empty: bool = False,
) -> dict[str, Value]:
    """The values of each file; `empty` fields may be left so."""
    values: dict[str, Value] = {}
    places = [header.index(name) for name in (FILE, *chosen)]
    for line, row in enumerate(rows, start=2):
        if not any(field.strip() for field in row):
            continue
        name, *fields = (row[place].strip() if place < len(row) else "" for place in places)
        if not name or not (empty or all(fields)):
            lacks = chosen[fields.index("")] if name else "file"
            raise DataError(f"{where}: row {line} lacks its {lacks}; needed both. Fill it in.")
        name, value = str(PurePosixPath(name.replace("\\", "/"))), read(fields, f"{where}: row {line}")
        if values.setdefault(name, value) != value:
            raise DataError(f"{where}: row {line} gives {shown(name)} a second label; needed one. Take one row out.")
    return values


def split_labels(fields: Sequence[str], where: str) -> tuple[str, ...]:
    """Labels between semicolons or bars, each once."""
    return tuple(sorted({label.strip() for label in re.split(r"[;|]", fields[0]) if label.strip()}))


def parse_numbers(fields: Sequence[str], where: str) -> tuple[float, ...]:
    numbers = []
    for text in fields:
        try:
            numbers.append(float(text))
        except ValueError:
            numbers.append(math.nan)
        if not math.isfinite(numbers[-1]):
            raise DataError(
                f"{where} says {shown(text[:40])}; needed a number, or columns file,label for classes. Correct it."
            )
    return tuple(numbers)
