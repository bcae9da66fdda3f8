"""Texts in tables: each row with its own label and part, whatever the columns are called, or one line that names it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from striate.data.folder import Folder
from striate.data.pool import Pool, Request, Side
from striate.data.texttable import is_text_table, read_text_table
from striate.errors import DataError


def write(folder: Path, **tables: str) -> Folder:
    folder.mkdir(exist_ok=True)
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return Folder(folder)


def read(store: Folder, **options: str) -> Pool:
    return read_text_table(store, Request(**options), Path(store.where))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("text,label", True),
        ("Label;Sentence", True),
        ("review\tcategory", True),
        ("message,labels", True),
        ("text,target", True),
        ("text", False),
        ("label", False),
        ("file,label", False),
        ("date,close", False),
    ],
)
def test_a_table_of_texts_is_told_by_its_columns(tmp_path: Path, header: str, found: bool) -> None:
    store = write(tmp_path, one=f"{header}\na,b")
    assert is_text_table(store, Request()) == found
    assert not is_text_table(store, Request(reading={"kind": "sound"}))
    assert is_text_table(store, Request(reading={"kind": "words"})) == found


def test_tables_must_agree_on_what_is_learned(tmp_path: Path) -> None:
    assert is_text_table(write(tmp_path / "a", one="text,label\n", two="label,text,target\n"), Request())
    assert not is_text_table(write(tmp_path / "b", one="text,label\n", two="text,target\n"), Request())
    assert not is_text_table(write(tmp_path / "c", one="text,label\n", two="a,b\n"), Request())


def test_each_row_keeps_its_label_and_the_part_that_its_table_or_itself_names(tmp_path: Path) -> None:
    store = write(
        tmp_path,
        reviews_train='label,text,split\ngood,"fine, really",\nbad,poor,TEST\n',
        val="label,text\ngood,nice\n",
        more="text,label\nawful,bad\n",
    )
    (tmp_path / "notes.md").write_text("beside")
    pool = read(Folder(tmp_path))
    found = {
        name: (pool.classes[label], Side(side))
        for name, label, side in zip(pool.names, pool.labels, pool.sides, strict=True)
    }
    assert found == {
        "reviews_train.csv, line 2": ("good", Side.TRAIN),
        "reviews_train.csv, line 3": ("bad", Side.TEST),
        "val.csv, line 2": ("good", Side.VAL),
        "more.csv, line 2": ("bad", Side.UNSAID),
    }
    assert pool.classes == ("bad", "good")
    assert [(each.name, each.reason) for each in pool.set_aside] == [("notes.md", "no table")]
    assert len(store.entries) == 3


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    pool = read(write(tmp_path, one='text,label\n"two\nlines",a\n\nlast,b\n'))
    assert list(pool.names) == ["one.csv, line 3", "one.csv, line 5"]


def test_several_labels_and_numbers_are_learned_where_those_columns_are(tmp_path: Path) -> None:
    several = read(write(tmp_path / "a", one="text,labels\nx,wet;cold\ny,\nz,cold\n"))
    assert (several.task, several.classes) == ("labels", ("cold", "wet"))
    assert several.labels.tolist() == [[True, True], [False, False], [True, False]]
    numbers = read(write(tmp_path / "b", one="text,Target\nx,0.5\ny,-2\n"))
    assert (numbers.task, numbers.classes) == ("regress", ("Target",))
    assert np.array_equal(numbers.labels, np.array([[0.5], [-2]], np.float32))


def test_texts_without_a_word_are_set_aside_with_their_labels(tmp_path: Path) -> None:
    pool = read(write(tmp_path, one="text,target\nx,1\n...,2\n,3\ny,4\n"))
    empty = {each.name for each in pool.set_aside}
    assert "one.csv, line 4" in empty
    kept = [int(name.rsplit(" ", 1)[1]) for name in pool.names]
    assert [number - 1 for number in kept] == pool.labels[:, 0].tolist()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,label\nfine,good\nnone,\n", r"one\.csv: line 3 has no label, needed one"),
        ("text,target\nfine,\n", r"line 2 has no target"),
        ("text,target\nfine,many\n", r"line 2"),
        ("text,label,split\nfine,good,later\n", r"line 2 is of the part 'later', needed train, val or test"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read(write(tmp_path, one=content))
    assert "\n" not in str(caught.value)


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    store = write(tmp_path, one="text,label\na,x\nb,y\n")
    read_text_table(store, Request(report=lambda done, total: told.append((done, total))), tmp_path)
    assert told == [(2, 2)]
