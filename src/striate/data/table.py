"""labels.csv: a table that names the class of each file."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import PurePosixPath

from striate.data.store import Entry, Store, shown
from striate.errors import DataError

TABLE = "labels.csv"


def read_table(store: Store, entry: Entry) -> dict[str, str]:
    """Read the columns `file` and `label` into a mapping from name to class.

    Raises: DataError for other columns, an empty field, or a file that is given two classes.
    """
    where = f"{store.where}: {shown(entry.name)}"
    try:
        text = store.read(entry).decode("utf-8-sig")
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{where}: can't be read as a table ({error}); needed UTF-8 text, fields between commas."
        ) from error
    header = [name.strip().lower() for name in rows[0]] if rows else []
    if "target" in header and "label" not in header:
        raise DataError(
            f"{where}: found a column target, but regression is not read yet; needed the columns file,label."
        )
    if not {"file", "label"} <= set(header):
        raise DataError(f"{where}: found the columns {shown(','.join(header)[:80]) or 'none'}; needed file,label.")
    return _collect(rows[1:], header.index("file"), header.index("label"), where)


def _collect(rows: list[list[str]], file: int, label: int, where: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        if not any(field.strip() for field in row):
            continue
        name, value = (row[place].strip() if place < len(row) else "" for place in (file, label))
        if not name or not value:
            raise DataError(f"{where}: row {line} lacks its {'label' if name else 'file'}; needed both. Fill it in.")
        name = str(PurePosixPath(name.replace("\\", "/")))
        if labels.setdefault(name, value) != value:
            raise DataError(f"{where}: row {line} gives {shown(name)} a second label; needed one. Take one row out.")
    return labels


def _delimiter(text: str) -> str:
    """Find what stands between the names of the first line: spreadsheets also write semicolons and tabs."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
