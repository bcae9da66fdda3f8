from __future__ import annotations

from pathlib import Path

import pytest

from striate.data.folder import Folder
from striate.data.table import TABLE, read_table
from striate.errors import DataError


def read(folder: Path, content: bytes) -> dict[str, str]:
    (folder / TABLE).write_bytes(content)
    store = Folder(folder)
    return read_table(store, store.entries[0])


@pytest.mark.parametrize(
    "content",
    [
        b"file,label\na.png,cat\nb/c.png,dog\n",
        b"\xef\xbb\xbfFile , Label\r\n a.png ,cat\r\n./b\\c.png,dog\r\n\r\n",
        b"label;more;file\ncat;1;a.png\ndog;2;b/c.png",
        b'label\tfile\n"cat"\ta.png\ndog\tb/c.png\ndog\tb/c.png',
    ],
)
def test_tables_of_many_habits(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) == {"a.png": "cat", "b/c.png": "dog"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found the columns none; needed file,label"),
        (b"name,class\na,b\n", "found the columns name,class"),
        (b"file,target\na.png,0.5\n", "regression is not read yet"),
        (b"file,label\na.png\n", "row 2 lacks its label"),
        (b"file,label\na.png,cat\n,dog\n", "row 3 lacks its file"),
        (b"file,label\na.png,cat\na.png,dog\n", "row 3 gives a.png a second label"),
        (b"file,label\n\xff\xfe,cat\n", "needed UTF-8"),
        (b'file,label\n"a.png,cat\n', "can't be read as a table"),
    ],
)
def test_wrong_tables(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, content)
