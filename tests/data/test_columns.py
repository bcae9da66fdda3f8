from __future__ import annotations

from pathlib import Path

import pytest

from striate.data.columns import Columns, find_tables, read_columns, read_header
from striate.data.folder import Folder
from striate.errors import DataError


def read(root: Path, text: str) -> Columns:
    (root / "t.csv").write_text(text, "utf-8")
    store = Folder(root)
    return read_columns(store, store.entries[0])


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_rows_by_name_whatever_stands_between(tmp_path: Path, between: str) -> None:
    table = read(tmp_path, between.join(["Text", "label"]) + "\n" + between.join(["a b", "x"]) + "\n\n" + "only\n")
    assert table.header == ("text", "label")
    assert table.written == ("Text", "label")
    assert table.rows == (("a b", "x"), ("only", ""))
    assert table.lines == (2, 4)
    assert table.find(["missing", "LABEL"]) == 1
    assert table.find(["missing"]) is None


def test_quotes_hold_commas_and_lines(tmp_path: Path) -> None:
    long = "word " * 40_000  # past the limit that Python's reader comes with
    table = read(tmp_path, f'\ufefftext,label\n"a, b\nc",x\n"{long}",y\n')
    assert table.take(0) == ["a, b\nc", long.strip()]
    assert table.lines == (3, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: is empty"),
        ("text,label\na,b,c\n", "line 2 has 3 fields, needed 2"),
        ('text,label\n"a,b\n', "can't be read as a table"),
    ],
)
def test_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_tables_lie_at_the_top(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name in ("x.csv", "a/y.tsv", "a/b/z.csv", "n.txt"):
        (tmp_path / name).write_text(" Time;B\n1;2\n")
    store = Folder(tmp_path)
    assert [entry.name for entry in find_tables(store)] == ["a/y.tsv", "x.csv"]
    assert read_header(store, find_tables(store)[0]) == ("time", "b")
