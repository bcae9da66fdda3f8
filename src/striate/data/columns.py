"""A table of text, comma, semicolon or tab between its fields: a header, and rows of as many fields."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from striate.data.store import Entry, Store, shown
from striate.errors import DataError

TABLES = (".csv", ".tsv")
_HEADER_BYTES = 1 << 16
_FIELD = 1 << 24  # characters; Python's own limit is 131,072, which a long text passes


@dataclass(frozen=True)
class Columns:
    """A table's `header` in lower case, the names as they are written, and its rows; `where` is how errors name it."""

    where: str
    header: tuple[str, ...]
    written: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def find(self, names: Sequence[str]) -> int | None:
        """The place of the first of these columns that is there, by its name in any case."""
        return next((self.header.index(name.lower()) for name in names if name.lower() in self.header), None)

    def take(self, place: int) -> list[str]:
        """One column's fields."""
        return [row[place] for row in self.rows]


def find_tables(store: Store) -> list[Entry]:
    """The tables that lie at the top of a source, or in its one wrapping folder."""
    found = [entry for entry in store.entries if entry.name.lower().endswith(TABLES)]
    return [entry for entry in found if entry.name.count("/") <= 1]


def read_header(store: Store, entry: Entry) -> tuple[str, ...]:
    """The names of a table's columns in lower case; none where it can't be read as text."""
    try:
        with store.open(entry) as stream:
            first = stream.read(_HEADER_BYTES).decode("utf-8-sig", "replace").split("\n", 1)[0]
        row = next(csv.reader([first], delimiter=find_delimiter(first)), [])
    except (OSError, csv.Error):
        return ()
    return tuple(name.strip().lower() for name in row)


def read_columns(store: Store, entry: Entry) -> Columns:
    """Read a whole table; empty lines are passed over, fields that are missing at a row's end are empty.

    Raises: DataError for what is no UTF-8 text, and for a row of more fields than the header has names.
    """
    where = f"{store.where}: {shown(entry.name)}" if entry.name != store.where else shown(entry.name)
    before = csv.field_size_limit(_FIELD)
    try:
        text = store.read(entry).decode("utf-8-sig")
        reader = csv.reader(StringIO(text, newline=""), delimiter=find_delimiter(text), strict=True)
        found = [(reader.line_num, [field.strip() for field in row]) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{where}: can't be read as a table ({error}); needed UTF-8 text, fields between commas."
        ) from error
    finally:
        csv.field_size_limit(before)
    found = [(line, row) for line, row in found if any(row)]
    if not found:
        raise DataError(f"{where}: is empty; needed a header with the columns' names, and rows.")
    (_, written), *rows = found
    for line, row in rows:
        if len(row) > len(written):
            raise DataError(
                f"{where}: line {line} has {len(row)} fields, needed {len(written)}. Put text with commas in quotes"
            )
    full = tuple((*row, *[""] * (len(written) - len(row))) for _, row in rows)
    lines = tuple(line for line, _ in rows)
    return Columns(where, tuple(name.lower() for name in written), tuple(written), full, lines)


def find_delimiter(text: str) -> str:
    """What stands between the names of the first line: spreadsheets also write semicolons and tabs.

    >>> find_delimiter("time;close")
    ';'
    """
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
