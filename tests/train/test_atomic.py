from __future__ import annotations

import os
from pathlib import Path

import pytest

from striate.errors import RunError
from striate.train.atomic import clear_partial, replacing


def refuse(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_file_takes_its_place_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_where_the_disk_refuses_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write() -> None:
        with replacing(path) as temporary:
            temporary.write_text("new")

    monkeypatch.setattr(os, function, refuse)
    with pytest.raises(RunError, match=r"a.txt: can't be written \(No space left on device\)"):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write() -> None:
        with replacing(path) as temporary:
            temporary.write_text("ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_is_on_the_disk_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watch_fsync(number: int) -> None:
        calls.append("fsync")
        fsync(number)

    def watch_replace(one: Path, other: Path) -> None:
        calls.append("replace")
        replace(one, other)

    monkeypatch.setattr(os, "fsync", watch_fsync)
    monkeypatch.setattr(os, "replace", watch_replace)
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert calls == ["fsync", "replace", "fsync"]


def test_what_killed_writers_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".a.txt.123.partial").mkdir()
    (tmp_path / ".a.txt.123.partial" / ".tmpA1b2C3").write_text("half")
    (tmp_path / ".b.txt.123.partial").write_text("half")
    (tmp_path / "notes.partial").write_text("the user's")
    (tmp_path / ".hidden").write_text("the user's")
    clear_partial(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"notes.partial", ".hidden"}
