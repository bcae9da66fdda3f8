from __future__ import annotations

from pathlib import Path

import pytest

from striate.data.folder import Folder
from striate.data.table import TABLE, Table, read_table
from striate.errors import DataError


def read(folder: Path, content: bytes) -> Table:
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
    assert read(tmp_path, content) == Table("classify", (), {"a.png": "cat", "b/c.png": "dog"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found the columns none; needed file,label"),
        (b"name,class\na,b\n", "found the columns name,class"),
        (b"file,target\na.png,high\n", "row 2 says high; needed a number"),
        (b"file,target\na.png,inf\n", "row 2 says inf; needed a number"),
        (b"file,x,y\na.png,1,\n", "row 2 lacks its y"),
        (b"file,group\na.png,1\n", "found the columns file,group; needed file,label"),
        (b"file,target\na.png,1\na.png,2\n", "row 3 gives a.png a second label"),
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


def test_several_labels_and_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, b"file,labels\na.png,dog;cat\nb.png,\nc.png,cat | bird|cat\n")
    assert found == Table("labels", (), {"a.png": ("cat", "dog"), "b.png": (), "c.png": ("bird", "cat")})
    found = read(tmp_path, b"File,Angle,group,Size\na.png,0.5,x,-3\nb.png,1e2,y,4\n")
    assert found == Table("regress", ("Angle", "Size"), {"a.png": (0.5, -3.0), "b.png": (100.0, 4.0)})
    assert read(tmp_path, b"file,note,target\na.png,fine,2\n") == Table("regress", ("target",), {"a.png": (2.0,)})
