"""Texts in tables, one a row, beside its class (a column label), its labels (labels) or its number (target)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from striate.data.columns import Columns, find_tables, read_columns, read_header
from striate.data.part import SetAside
from striate.data.pool import SIDE_NAMES, Pool, Request, Side
from striate.data.store import Entry, Store, shown
from striate.data.table import parse_numbers, split_labels
from striate.data.tree import Labelled
from striate.data.words import Texts, pool_words
from striate.errors import DataError

TEXT = ("text", "sentence", "review", "message")
SIDE = ("split", "part", "set")
LABEL, SEVERAL, TARGET = ("label", "class", "category"), ("labels",), ("target",)
TASKS = {LABEL: "classify", SEVERAL: "labels", TARGET: "regress"}  # by the columns; the first that is there counts


def is_text_table(store: Store, request: Request) -> bool:
    """Tell a source of tables that all have a column of texts, and one of what is to be learned of them."""
    if request.reading is not None and request.reading.get("kind") != "words":
        return False
    headers = [set(read_header(store, entry)) for entry in find_tables(store)]
    return bool(headers) and all(header & set(TEXT) for header in headers) and _choose_column(headers) is not None


def read_text_table(store: Store, request: Request, source: Path) -> Pool:
    """Read tables of `text,label`; a table's name or a column `split` says which part a text is of.

    Raises: DataError for a row without text or label, what is no number, or a part that is no part's name.
    """
    read = Texts(set_aside=list(store.set_aside))
    tables = find_tables(store)
    column = _choose_column([set(read_header(store, entry)) for entry in tables])
    assert column is not None
    for entry in tables:
        _read_table(store, entry, read, column)
    named = {entry.name for entry in tables}
    read.set_aside += [SetAside(shown(e.name), "no table") for e in store.entries if e.name not in named]
    if request.report:
        request.report(len(read.texts), len(read.texts))
    return pool_words(read, request, store.where)


def _choose_column(headers: Sequence[set[str]]) -> tuple[str, ...] | None:
    """The kind of column that all tables have to learn from."""
    return next((names for names in TASKS if all(header & set(names) for header in headers)), None)


def _read_table(store: Store, entry: Entry, read: Texts, column: tuple[str, ...]) -> None:
    table = read_columns(store, entry)
    text, place = table.find(TEXT), table.find(column)
    assert text is not None
    assert place is not None
    for line, row in zip(table.lines, table.rows, strict=True):
        where, name = f"{table.where}: line {line}", f"{shown(entry.name)}, line {line}"
        if not row[place] and column is not SEVERAL:
            raise DataError(f"{where} has no {column[0]}, needed one. Fill it in, or take the row out")
        side = _read_side(entry, table, row, where)
        label = row[place] if column is LABEL else ""
        read.add(row[text], label, name, side)
        if column is not LABEL:
            marks = (split_labels if column is SEVERAL else parse_numbers)([row[place]], where)
            columns = () if column is SEVERAL else (shown(table.written[place]),)
            read.marked.append(Labelled(entry, name, "", side, TASKS[column], marks, columns))


def _read_side(entry: Entry, table: Columns, row: Sequence[str], where: str) -> Side:
    """The part that a row says it is of, or else its table's name."""
    place = table.find(SIDE)
    if place is None or not row[place]:
        return _find_side(entry.name)
    if row[place].lower() not in SIDE_NAMES:
        raise DataError(f"{where} is of the part {shown(row[place])!r}, needed train, val or test")
    return SIDE_NAMES[row[place].lower()]


def _find_side(name: str) -> Side:
    """The part that a file's name speaks of.

    >>> _find_side("sst-test.csv").name, _find_side("reviews.csv").name
    ('TEST', 'UNSAID')
    """
    words = re.split(r"[^a-z]+", name.rsplit("/", 1)[-1].lower())
    return next((SIDE_NAMES[word] for word in words if word in SIDE_NAMES), Side.UNSAID)
